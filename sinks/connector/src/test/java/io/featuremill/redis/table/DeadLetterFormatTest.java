package io.featuremill.redis.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featuremill.redis.RecordedLetters;
import io.featuremill.redis.deadletter.DeadLetter;
import io.featuremill.redis.deadletter.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.formats.common.TimestampFormat;
import org.apache.flink.formats.json.JsonRowDataDeserializationSchema;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.Collector;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeadLetterFormatTest {

    private static final RowType TYPE = (RowType) DataTypes.ROW(
                    DataTypes.FIELD("origin", DataTypes.STRING().notNull()),
                    DataTypes.FIELD("delay", DataTypes.INT()),
                    DataTypes.FIELD("at", DataTypes.TIMESTAMP_LTZ(3)))
            .notNull().getLogicalType();
    private static final DeadLetterAddress ADDRESS =
            new DeadLetterAddress("p", "source", "departures", "kafka:9092", "features-dead-letter", Duration.ofSeconds(1));

    private final RecordedLetters letters = new RecordedLetters();
    private final List<RowData> out = new ArrayList<>();

    @BeforeEach
    void forget() {
        RecordedLetters.ARRIVED.clear();
    }

    @Test
    void whatCanBeReadGoesOn() throws Exception {
        read(json(), "{\"origin\":\"JFK\",\"delay\":7,\"at\":\"2013-01-01T06:00:00Z\"}");
        assertThat(out).singleElement().satisfies(row -> {
            assertThat(row.getString(0)).hasToString("JFK");
            assertThat(row.getInt(1)).isEqualTo(7);
        });
        assertThat(RecordedLetters.ARRIVED).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "not json                                         | unreadable  | 'true' or 'false') (line 1, column 5)",
        "{\"origin\":\"JFK\"                              | unreadable  | Unexpected end-of-input",
        "{\"origin\":\"JFK\",\"delay\":\"late\"}          | unreadable  | delay",
        "{\"origin\":\"JFK\",\"at\":\"yesterday\"}        | unreadable  | yesterday",
        "{\"delay\":7}                                    | null-column | Column 'origin' is NOT NULL, and is null here.",
        "{\"origin\":null,\"delay\":7}                    | null-column | Column 'origin' is NOT NULL, and is null here.",
    })
    void whatCantBeReadIsALetterAndTheNextGoesOn(String record, String reason, String message) throws Exception {
        read(json(), record, "{\"origin\":\"LGA\"}");
        assertThat(out).singleElement().satisfies(row -> assertThat(row.getString(0)).hasToString("LGA"));
        assertThat(RecordedLetters.ARRIVED).singleElement().satisfies(letter -> {
            assertThat(letter.reason().code()).isEqualTo(reason);
            assertThat(letter.message()).contains(message);
            assertThat(letter.value()).asString().isEqualTo(record);
            assertThat(letter.pipeline()).isEqualTo("p");
            assertThat(letter.stage()).isEqualTo("source");
            assertThat(letter.table()).isEqualTo("departures");
        });
    }

    @Test
    void aRecordWithoutAValueIsALetter() throws Exception {
        DeadLetterDeserializationSchema schema = open(json());
        schema.deserialize(null, collector());
        assertThat(out).isEmpty();
        assertThat(RecordedLetters.ARRIVED).extracting(DeadLetter::reason).containsExactly(Reason.NULL_VALUE);
    }

    @Test
    void aRecordGoesOnAsAWholeOrNotAtAll() throws Exception {
        read(new TwoRowsThenFailure(), "x");
        assertThat(out).isEmpty();
        assertThat(RecordedLetters.ARRIVED).singleElement()
                .satisfies(letter -> assertThat(letter.message()).isEqualTo("the third is bad | outer"));
        read(json(), "{\"origin\":\"JFK\"}");
        assertThat(out).hasSize(1);
    }

    @Test
    void aLetterThatDoesNotArriveFailsTheJob() throws Exception {
        letters.failure = new IOException("Kafka is away");
        assertThatThrownBy(() -> read(json(), "not json")).hasMessage("Kafka is away");
        assertThat(out).isEmpty();
    }

    @Test
    void inSqlItsOptionsStandBelowItsName() {
        assertThat(plan("'value.featuremill-dead-letter.json.timestamp-format.standard' = 'ISO-8601'"))
                .contains("TableSourceScan(table=[[default_catalog, default_database, departures]]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "'value.featuremill-dead-letter.json.ignore-parse-errors' = 'true' | Option 'json.ignore-parse-errors' drops bad records in silence.",
        "'value.featuremill-dead-letter.json.timestamp' = 'x'   | Format 'json' doesn't know the options [timestamp]",
        "'value.featuremill-dead-letter.json.timestamp-format.standard' = 'RFC' | Unsupported value 'RFC' for timestamp-format.standard",
        "'value.featuremill-dead-letter.topics' = 'x'           | Unsupported options:",
        "'value.featuremill-dead-letter.stage' = 'redis'        | Option 'stage' must be one of source, query and feature-source",
        "'value.featuremill-dead-letter.topic' = ' '            | Option 'topic' must not be empty.",
        "'value.featuremill-dead-letter.timeout' = '0 s'        | Option 'timeout' must be between 1 ms and 24 days.",
        "'value.featuremill-dead-letter.format' = 'featuremill-dead-letter' | Option 'format' can't be 'featuremill-dead-letter' itself.",
        "'value.featuremill-dead-letter.format' = 'jsn'         | Could not find any factory for identifier 'jsn'",
    })
    void aWrongOptionIsNamed(String option, String message) {
        assertThatThrownBy(() -> plan(option)).satisfies(e -> assertThat(messages(e)).contains(message));
    }

    private static String plan(String option) {
        TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        Map<String, String> options = new LinkedHashMap<>();
        options.put("'value.format'", "'featuremill-dead-letter'");
        options.put("'value.featuremill-dead-letter.format'", "'json'");
        options.put("'value.featuremill-dead-letter.pipeline'", "'p'");
        options.put("'value.featuremill-dead-letter.topic'", "'features-dead-letter'");
        options.put("'value.featuremill-dead-letter.bootstrap-servers'", "'kafka:9092'");
        String[] parts = option.split(" = ", 2);
        options.put(parts[0], parts[1]);
        tables.executeSql("CREATE TABLE departures (origin STRING, delay INT) WITH ('connector' = 'kafka', 'topic' = 't',"
                + " 'properties.bootstrap.servers' = 'kafka:9092', 'scan.startup.mode' = 'earliest-offset', "
                + options.entrySet().stream().map(entry -> entry.getKey() + " = " + entry.getValue()).collect(Collectors.joining(", "))
                + ")");
        return tables.explainSql("SELECT * FROM departures");
    }

    private void read(DeserializationSchema<RowData> inner, String... records) throws Exception {
        DeadLetterDeserializationSchema schema = open(inner);
        for (String record : records) {
            schema.deserialize(record.getBytes(StandardCharsets.UTF_8), collector());
        }
    }

    private DeadLetterDeserializationSchema open(DeserializationSchema<RowData> inner) throws Exception {
        DeadLetterDeserializationSchema schema = new DeadLetterDeserializationSchema(inner, TYPE, ADDRESS, address -> letters);
        schema.open(new DeserializationSchema.InitializationContext() {
            @Override
            public MetricGroup getMetricGroup() {
                return UnregisteredMetricsGroup.createOperatorMetricGroup();
            }

            @Override
            public UserCodeClassLoader getUserCodeClassLoader() {
                return SimpleUserCodeClassLoader.create(DeadLetterFormatTest.class.getClassLoader());
            }
        });
        return schema;
    }

    private Collector<RowData> collector() {
        return new Collector<>() {
            @Override
            public void collect(RowData row) {
                out.add(row);
            }

            @Override
            public void close() {}
        };
    }

    private static DeserializationSchema<RowData> json() {
        return new JsonRowDataDeserializationSchema(TYPE, InternalTypeInfo.of(TYPE), false, false, TimestampFormat.ISO_8601);
    }

    private static String messages(Throwable e) {
        return Stream.iterate(e, cause -> cause != null, Throwable::getCause)
                .map(cause -> String.valueOf(cause.getMessage())).collect(Collectors.joining("\n"));
    }

    private static final class TwoRowsThenFailure implements DeserializationSchema<RowData> {

        @Override
        public void deserialize(byte[] record, Collector<RowData> out) throws IOException {
            out.collect(GenericRowData.of(StringData.fromString("one"), 1, null));
            out.collect(GenericRowData.of(StringData.fromString("two"), 2, null));
            throw new IOException("outer", new IllegalArgumentException("the third is bad"));
        }

        @Override
        public RowData deserialize(byte[] record) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isEndOfStream(RowData next) {
            return false;
        }

        @Override
        public TypeInformation<RowData> getProducedType() {
            return InternalTypeInfo.of(TYPE);
        }
    }
}
