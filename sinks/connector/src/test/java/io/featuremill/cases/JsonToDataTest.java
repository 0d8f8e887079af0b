package io.featuremill.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.DeserializationFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.MapData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.utils.LogicalTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonToDataTest {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "STRING               | \"JFK\"                          | JFK",
        "VARCHAR(3)           | \"✈✈✈\"                          | ✈✈✈",
        "BOOLEAN              | false                            | false",
        "TINYINT              | -128                             | -128",
        "SMALLINT             | 32767                            | 32767",
        "INT                  | 2147483647                       | 2147483647",
        "BIGINT               | -9223372036854775808             | -9223372036854775808",
        "FLOAT                | 0.5                              | 0.5",
        "DOUBLE               | 1e300                            | 1.0E300",
        "DOUBLE               | 3                                | 3.0",
        "DOUBLE               | \"-Infinity\"                    | -Infinity",
        "DECIMAL(5, 2)        | 123.4                            | 123.40",
        "DECIMAL(5, 2)        | \"-0.05\"                        | -0.05",
        "DECIMAL(20, 0)       | 12345678901234567890             | 12345678901234567890",
        "DATE                 | \"1970-01-31\"                   | 30",
        "TIME(0)              | \"00:00:01\"                     | 1000",
        "TIMESTAMP(3)         | \"2013-01-31T06:30:00.125\"      | 2013-01-31T06:30:00.125",
        "TIMESTAMP(3)         | \"2013-01-31 06:30:00\"          | 2013-01-31T06:30",
        "TIMESTAMP_LTZ(3)     | \"2013-01-31T06:30:00Z\"         | 2013-01-31T06:30",
        "TIMESTAMP_LTZ(3)     | \"2013-01-31 07:30:00+01:00\"    | 2013-01-31T06:30",
        "TIMESTAMP_LTZ(9)     | \"2013-01-31T06:30:00.123456789Z\" | 2013-01-31T06:30:00.123456789",
    })
    void aValueOfItsType(String type, String json, String expected) throws Exception {
        assertThat(convert(type, json)).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "STRING               | 7                           | `x` is STRING, not 7",
        "VARCHAR(2)           | \"abc\"                     | `x` is VARCHAR(2), not \"abc\"",
        "BOOLEAN              | \"true\"                    | `x` is BOOLEAN, not \"true\"",
        "INT                  | 2147483648                  | `x` is INT, not 2147483648",
        "INT                  | 1.5                         | `x` is INT, not 1.5",
        "INT                  | \"12\"                      | `x` is INT, not \"12\"",
        "INT NOT NULL         | null                        | `x` is INT NOT NULL, and is null here",
        "DOUBLE               | \"1.5\"                     | `x` is DOUBLE, not \"1.5\"",
        "DECIMAL(5, 2)        | 1.234                       | `x` is DECIMAL(5, 2), not 1.234",
        "DECIMAL(5, 2)        | 1234                        | `x` is DECIMAL(5, 2), not 1234",
        "DATE                 | \"31.1.2013\"               | write \"2013-01-31\"",
        "TIMESTAMP(3)         | \"2013-01-31T06:30:00Z\"    | write \"2013-01-31T06:30:00\"",
        "TIMESTAMP_LTZ(3)     | \"2013-01-31T06:30:00\"     | write \"2013-01-31T06:30:00Z\"",
        "TIMESTAMP_LTZ(3)     | \"2013-02-30T06:30:00Z\"    | write \"2013-01-31T06:30:00Z\"",
        "TIMESTAMP_LTZ(3)     | \"2013-01-31T06:30:00.0001Z\" | `x` is TIMESTAMP_LTZ(3)",
        "TIMESTAMP_LTZ(3)     | 1359613800000               | `x` is TIMESTAMP_LTZ(3)",
        "BYTES                | \"%\"                       | write the bytes in base64",
        "ARRAY<INT>           | [1, \"2\"]                  | `x[1]` is INT, not \"2\"",
        "MAP<STRING, INT>     | {\"a\": true}               | `x[a]` is INT, not true",
        "ROW<a INT>           | {}                          | `x.a` is missing",
        "ROW<a INT>           | {\"a\": 1, \"b\": 2}        | there is no `b` in `x`; there are a",
        "MULTISET<INT>        | {}                          | a case can't hold values of MULTISET<INT>",
    })
    void whatIsNoValueOfItsType(String type, String json, String message) {
        assertThatThrownBy(() -> convert(type, json)).isInstanceOf(BadLineException.class).hasMessageContaining(message);
    }

    @Test
    void whatHoldsOthers() throws Exception {
        RowData row = (RowData) convert(
                "ROW<a ARRAY<INT>, m MAP<STRING, DOUBLE>, n MAP<INT, STRING>, r ROW<b BYTES>>",
                "{\"m\": {\"k\": null}, \"a\": [1, null], \"r\": {\"b\": \"AQI=\"}, \"n\": {\"7\": \"seven\"}}");
        ArrayData array = row.getArray(0);
        assertThat(array.getInt(0)).isEqualTo(1);
        assertThat(array.isNullAt(1)).isTrue();
        MapData map = row.getMap(1);
        assertThat(map.keyArray().getString(0)).isEqualTo(StringData.fromString("k"));
        assertThat(map.valueArray().isNullAt(0)).isTrue();
        assertThat(row.getMap(2).keyArray().getInt(0)).isEqualTo(7);
        assertThat(row.getRow(3, 1).getBinary(0)).containsExactly(1, 2);
    }

    @Test
    void nullIsAValueOfEveryTypeThatAllowsIt() throws Exception {
        assertThat(convert("ROW<a INT>", "null")).isNull();
    }

    private static Object convert(String type, String json) throws Exception {
        LogicalType parsed = LogicalTypeParser.parse(type, JsonToDataTest.class.getClassLoader());
        return JsonToData.convert(JSON.readTree(json), parsed, "x");
    }
}
