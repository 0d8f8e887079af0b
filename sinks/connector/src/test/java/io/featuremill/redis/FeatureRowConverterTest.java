package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static io.featuremill.redis.Rows.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featuremill.redis.deadletter.Reason;
import java.util.Collections;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FeatureRowConverterTest {

    private final FeatureRowConverter converter = new FeatureRowConverter();

    @Test
    void aRowIsItsBytes() throws BadRowException {
        FeatureRow row = row("airport:Zürich", "p_1", -5, 7, 1000, "a", "1", "b", null, "c", "");
        assertThat(converter.convert(Rows.data(row))).usingRecursiveComparison().isEqualTo(row);
    }

    @Test
    void noTimeToLiveIsNever() throws BadRowException {
        assertThat(converter.convert(good()).ttlMs()).isEqualTo(FeatureRow.NEVER_EXPIRES);
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
