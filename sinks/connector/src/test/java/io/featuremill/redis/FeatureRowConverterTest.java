package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static io.featuremill.redis.Rows.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featuremill.redis.deadletter.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.runtime.typeutils.RowDataSerializer;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.LocalZonedTimestampType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.VarCharType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureRowConverterTest {

    private static final int LONGEST_VALUE = 64;

    private final FeatureRowConverter converter = new FeatureRowConverter(LONGEST_VALUE);

    @Test
    void aRowIsItsBytes() throws BadRowException {
        FeatureRow row = row("airport:Zürich", "p_1", -5, 7, 1000, "a", "1", "b", null, "c", "");
        assertThat(converter.convert(Rows.data(row))).usingRecursiveComparison().isEqualTo(row);
    }

    @Test
    void noTimeToLiveIsNever() throws BadRowException {
        assertThat(converter.convert(good()).ttlMs()).isEqualTo(FeatureRow.NEVER_EXPIRES);
    }

    /** From another operator rows come in Flink's binary form, else as objects. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rowsOfTheSameNamesShareThem(boolean binary) throws BadRowException {
        List<FeatureRow> rows = List.of(
                row("k", 1, 0, "a", "1", "b", "2"),
                row("k", 2, 0, "a", "3", "b", null),
                row("k", 3, 0, "a", "4", "c", "5"),
                row("k", 4, 0, "a", "4"),
                row("k", 5, 0),
                row("k", 6, 0, "a", "6", "b", "7"));
        List<FeatureRow> converted = new ArrayList<>();
        for (FeatureRow row : rows) {
            converted.add(converter.convert(binary ? binary(Rows.data(row)) : Rows.data(row)));
        }
        assertThat(Rows.texts(converted)).isEqualTo(Rows.texts(rows));
        assertThat(converted.get(1).featureNames()).isSameAs(converted.get(0).featureNames());
    }

    private static RowData binary(RowData row) {
        LogicalType text = VarCharType.STRING_TYPE;
        return new RowDataSerializer(
                        text, new LocalZonedTimestampType(3), new MapType(text, text), text, new BigIntType(), new BigIntType())
                .toBinaryRow(row);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void aBadRowIsFoundBeforeItIsBuffered(String what, Reason reason, Consumer<GenericRowData> spoil) throws BadRowException {
        converter.convert(good());
        GenericRowData row = good();
        spoil.accept(row);
        assertThatThrownBy(() -> converter.convert(row))
                .isInstanceOfSatisfying(BadRowException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    static Stream<Arguments> aBadRowIsFoundBeforeItIsBuffered() {
        long tooMuch = RedisLayout.BIGGEST_NUMBER + 1;
        return Stream.of(
                bad("null key", Reason.BAD_KEY, 0, null),
                bad("empty key", Reason.BAD_KEY, 0, text("")),
                bad("the platform's key", Reason.BAD_KEY, 0, text("@registry")),
                bad("null event time", Reason.BAD_EVENT_TIME, 1, null),
                bad("event time far away", Reason.BAD_EVENT_TIME, 1, TimestampData.fromEpochMillis(tooMuch)),
                bad("event time long ago", Reason.BAD_EVENT_TIME, 1, TimestampData.fromEpochMillis(-tooMuch)),
                bad("null features", Reason.BAD_FEATURES, 2, null),
                bad("null name", Reason.BAD_FEATURES, 2, new GenericMapData(Collections.singletonMap(null, text("1")))),
                bad("empty name", Reason.BAD_FEATURES, 2, new GenericMapData(Map.of(text(""), text("1")))),
                bad("the platform's name", Reason.BAD_FEATURES, 2, new GenericMapData(Map.of(text("@p"), text("1")))),
                bad("long value", Reason.TOO_LARGE, 2, new GenericMapData(Map.of(text("a"), text("1"), text("b"), text("ü".repeat(33))))),
                bad("null pipeline", Reason.BAD_PIPELINE, 3, null),
                bad("no pipeline's name", Reason.BAD_PIPELINE, 3, text("features.p")),
                bad("long pipeline's name", Reason.BAD_PIPELINE, 3, text("p".repeat(64))),
                bad("no life", Reason.BAD_TTL, 4, 0L),
                bad("negative life", Reason.BAD_TTL, 4, -1L),
                bad("too long a life", Reason.BAD_TTL, 4, tooMuch),
                bad("null sequence", Reason.BAD_SEQUENCE, 5, null),
                bad("negative sequence", Reason.BAD_SEQUENCE, 5, -1L),
                bad("too large a sequence", Reason.BAD_SEQUENCE, 5, tooMuch));
    }

    @Test
    void aValueMayBeAsLongAsTheLimitAndTheMessageNamesALongerOne() throws BadRowException {
        FeatureRow row = row("k", 1, 0, "a", "ü".repeat(LONGEST_VALUE / 2), "b", null);
        assertThat(converter.convert(Rows.data(row))).usingRecursiveComparison().isEqualTo(row);
        assertThatThrownBy(() -> converter.convert(Rows.data(row("k", 1, 0, "a", "ü".repeat(LONGEST_VALUE / 2) + "x"))))
                .hasMessage("The value of a of k has 65 bytes, and value.max-bytes is 64.");
    }

    private static Arguments bad(String what, Reason reason, int column, Object value) {
        return Arguments.of(what, reason, (Consumer<GenericRowData>) row -> row.setField(column, value));
    }

    private static GenericRowData good() {
        return (GenericRowData) Rows.data(row("k", 1, 0, "a", "1"));
    }

    private static StringData text(String text) {
        return StringData.fromBytes(utf8(text));
    }
}
