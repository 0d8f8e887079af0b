package io.featuremill.cases;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;

/**
 * JSON as Flink's internal data, by type and without bending anything: a number that doesn't fit, a fraction with too many digits, a
 * missing or an unknown field is a mistake.
 */
final class JsonToData {

    private static final List<String> NOT_FINITE = List.of("NaN", "Infinity", "-Infinity");

    private JsonToData() {}

    /**
     * The data of a node.
     *
     * @param path where the node stands, for the message: {@code items[2].price}; empty for the whole row
     * @throws BadLineException where the node is no value of the type
     */
    static Object convert(JsonNode node, LogicalType type, String path) {
        if (node.isNull()) {
            if (!type.isNullable()) {
                throw new BadLineException("`" + path + "` is " + type.asSummaryString() + ", and is null here");
            }
            return null;
        }
        try {
            return notNull(node, type, path);
        } catch (DateTimeException | ArithmeticException | IllegalArgumentException e) {
            String form = form(type);
            throw new BadLineException(
                    "`" + path + "` is " + type.asSummaryString() + ", not " + node + (form.isEmpty() ? "" : "; write " + form));
        }
    }

    private static Object notNull(JsonNode node, LogicalType type, String path) {
        return switch (type.getTypeRoot()) {
            case CHAR, VARCHAR -> StringData.fromString(limited(text(node), LogicalTypeChecks.getLength(type)));
            case BOOLEAN -> truth(node);
            case TINYINT -> integer(node).byteValueExact();
            case SMALLINT -> integer(node).shortValueExact();
            case INTEGER -> integer(node).intValueExact();
            case BIGINT -> integer(node).longValueExact();
            case FLOAT -> (float) floating(node);
            case DOUBLE -> floating(node);
            case DECIMAL -> decimal(node, (DecimalType) type);
            case DATE -> Math.toIntExact(LocalDate.parse(text(node)).toEpochDay());
            case TIME_WITHOUT_TIME_ZONE ->
                    (int) (exact(LocalTime.parse(text(node)), Math.min(3, precision(type))).toNanoOfDay() / 1_000_000);
            case TIMESTAMP_WITHOUT_TIME_ZONE ->
                    TimestampData.fromLocalDateTime(exact(LocalDateTime.parse(isoTime(node)), precision(type)));
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
                    TimestampData.fromInstant(exact(OffsetDateTime.parse(isoTime(node)), precision(type)).toInstant());
            case BINARY, VARBINARY -> Base64.getDecoder().decode(text(node));
            case ARRAY -> array(node, type.getChildren().get(0), path);
            case MAP -> map(node, type.getChildren().get(0), type.getChildren().get(1), path);
            case ROW -> row(node, (RowType) type, path);
            default -> throw new BadLineException("`" + path + "`: a case can't hold values of " + type.asSummaryString());
        };
    }

    private static Object row(JsonNode node, RowType type, String path) {
        require(node.isObject());
        GenericRowData row = new GenericRowData(type.getFieldCount());
        for (int index = 0; index < type.getFieldCount(); index++) {
            String name = type.getFieldNames().get(index);
            String inside = path.isEmpty() ? name : path + "." + name;
            if (!node.has(name)) {
                throw new BadLineException("`" + inside + "` is missing; write null where it has no value");
            }
            row.setField(index, convert(node.get(name), type.getTypeAt(index), inside));
        }
        node.fieldNames().forEachRemaining(name -> {
            if (!type.getFieldNames().contains(name)) {
                throw new BadLineException("there is no `" + name + "` in " + (path.isEmpty() ? "the table" : "`" + path + "`")
                        + "; there are " + String.join(", ", type.getFieldNames()));
            }
        });
        return row;
    }

    private static Object array(JsonNode node, LogicalType elementType, String path) {
        require(node.isArray());
        Object[] elements = new Object[node.size()];
        for (int index = 0; index < elements.length; index++) {
            elements[index] = convert(node.get(index), elementType, path + "[" + index + "]");
        }
        return new GenericArrayData(elements);
    }

    private static Object map(JsonNode node, LogicalType keyType, LogicalType valueType, String path) {
        require(node.isObject());
        Map<Object, Object> entries = new HashMap<>();
        node.properties().forEach(entry -> {
            String inside = path + "[" + entry.getKey() + "]";
            entries.put(key(entry.getKey(), keyType, inside), convert(entry.getValue(), valueType, inside));
        });
        return new GenericMapData(entries);
    }

    /** The key of a map, which in JSON is always text. */
    private static Object key(String text, LogicalType type, String path) {
        return switch (type.getTypeRoot()) {
            case CHAR, VARCHAR -> StringData.fromString(text);
            case INTEGER -> Integer.valueOf(text);
            case BIGINT -> Long.valueOf(text);
            default -> throw new BadLineException(
                    "`" + path + "`: a case can't hold maps whose keys are " + type.asSummaryString());
        };
    }

    private static String text(JsonNode node) {
        require(node.isTextual());
        return node.textValue();
    }

    private static String limited(String text, int length) {
        require(text.codePointCount(0, text.length()) <= length);
        return text;
    }

    private static boolean truth(JsonNode node) {
        require(node.isBoolean());
        return node.booleanValue();
    }

    private static BigInteger integer(JsonNode node) {
        require(node.isIntegralNumber());
        return node.bigIntegerValue();
    }

    private static double floating(JsonNode node) {
        if (node.isTextual() && NOT_FINITE.contains(node.textValue())) {
            return Double.parseDouble(node.textValue());
        }
        require(node.isNumber());
        return node.doubleValue();
    }

    private static DecimalData decimal(JsonNode node, DecimalType type) {
        require(node.isNumber() || node.isTextual());
        BigDecimal value = node.isNumber() ? node.decimalValue() : new BigDecimal(node.textValue());
        DecimalData data = DecimalData.fromBigDecimal(
                value.setScale(type.getScale(), RoundingMode.UNNECESSARY), type.getPrecision(), type.getScale());
        require(data != null); // it is where there are too many digits before the point
        return data;
    }

    /** A timestamp's text with a T between date and time, where a space is as good. */
    private static String isoTime(JsonNode node) {
        return text(node).replaceFirst("^(\\d{4}-\\d\\d-\\d\\d) ", "$1T");
    }

    private static int precision(LogicalType type) {
        return LogicalTypeChecks.getPrecision(type);
    }

    /** The time itself, where it has no more digits behind the second than the type. */
    private static <T extends TemporalAccessor> T exact(T time, int digits) {
        int nanoseconds = time.get(ChronoField.NANO_OF_SECOND);
        require(nanoseconds % (int) Math.pow(10, 9 - digits) == 0);
        return time;
    }

    private static void require(boolean fits) {
        if (!fits) {
            throw new IllegalArgumentException();
        }
    }

    /** How a value of the type is written, where that isn't plain. */
    private static String form(LogicalType type) {
        return switch (type.getTypeRoot()) {
            case DATE -> "\"2013-01-31\"";
            case TIME_WITHOUT_TIME_ZONE -> "\"06:30:00\"";
            case TIMESTAMP_WITHOUT_TIME_ZONE -> "\"2013-01-31T06:30:00\"";
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> "\"2013-01-31T06:30:00Z\"";
            case BINARY, VARBINARY -> "the bytes in base64";
            default -> "";
        };
    }
}
