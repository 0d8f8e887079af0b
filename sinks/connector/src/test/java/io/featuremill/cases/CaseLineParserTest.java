package io.featuremill.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaseLineParserTest {

    private static final RowType TYPE = (RowType) DataTypes.ROW(
                    DataTypes.FIELD("origin", DataTypes.STRING()), DataTypes.FIELD("delay", DataTypes.INT()))
            .notNull().getLogicalType();

    private final CaseLineParser parser = new CaseLineParser(TYPE, Changes.APPEND);

    @Test
    void aRowWhateverTheOrderOfItsColumns() {
        CaseLine.Row row = (CaseLine.Row) parser.parse("{\"delay\": 7, \"origin\": \"JFK\"}");
        assertThat(row.data().getString(0)).isEqualTo(StringData.fromString("JFK"));
        assertThat(row.data().getInt(1)).isEqualTo(7);
        assertThat(row.data().getRowKind()).isEqualTo(RowKind.INSERT);
    }

    @Test
    void whatMovesTime() {
        long six = Instant.parse("2013-01-01T06:00:00Z").toEpochMilli();
        assertThat(parser.parse("{\"@watermark\": \"2013-01-01T06:00:00Z\"}")).isEqualTo(new CaseLine.Time(six));
        assertThat(parser.parse("{\"@idle\": true}")).isEqualTo(new CaseLine.Idle());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"origin\": \"JFK\", \"delay\": 7    | column",
        "{\"origin\": \"JFK\", \"delay\": 7} x | this is not JSON",
        "[1, 2]                                | a line is an object",
        "{\"origin\": \"JFK\"}                 | `delay` is missing",
        "{\"origin\": \"JFK\", \"delay\": 7, \"dealy\": 7} | there is no `dealy` in the table; there are origin, delay",
        "{\"origin\": \"JFK\", \"delay\": 7, \"delay\": 8} | Duplicate",
        "{\"@watermark\": \"06:00\"}           | is a time such as \"2013-01-01T06:00:00Z\", not \"06:00\"",
        "{\"@watermark\": 7}                   | is a time such as",
        "{\"@idle\": false}                    | write {\"@idle\": true}",
        "{\"@idle\": true, \"delay\": 7}       | \"@idle\" stands alone in its line",
        "{\"@kind\": \"-D\", \"origin\": \"JFK\", \"delay\": 7} | is one of [+I], not \"-D\"",
    })
    void whatIsRefused(String line, String message) {
        assertThatThrownBy(() -> parser.parse(line)).isInstanceOf(BadLineException.class).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"+I,INSERT", "+U,UPDATE_AFTER", "-D,DELETE"})
    void aRowMayRemoveAnotherWhereTheTableAllowsIt(String kind, RowKind expected) {
        CaseLine line = new CaseLineParser(TYPE, Changes.UPSERT)
                .parse("{\"@kind\": \"" + kind + "\", \"origin\": \"JFK\", \"delay\": null}");
        assertThat(((CaseLine.Row) line).data().getRowKind()).isEqualTo(expected);
    }

    @Test
    void anUpsertHasNothingBefore() {
        CaseLineParser upsert = new CaseLineParser(TYPE, Changes.UPSERT);
        assertThatThrownBy(() -> upsert.parse("{\"@kind\": \"-U\", \"origin\": \"JFK\", \"delay\": null}"))
                .hasMessageContaining("is one of [+I, +U, -D]");
    }
}
