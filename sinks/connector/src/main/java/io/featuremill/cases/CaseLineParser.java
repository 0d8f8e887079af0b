package io.featuremill.cases;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.StreamReadFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.DeserializationFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.types.RowKind;

/** Reads lines of a case's file as what they say. A mistake becomes a {@link BadLineException}. */
final class CaseLineParser {

    private static final String WATERMARK = "@watermark";
    private static final String IDLE = "@idle";
    private static final String KIND = "@kind";
    private static final Map<String, RowKind> KINDS = Map.of(
            "+I", RowKind.INSERT, "-U", RowKind.UPDATE_BEFORE, "+U", RowKind.UPDATE_AFTER, "-D", RowKind.DELETE);
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final RowType type;
    private final Changes changes;

    CaseLineParser(RowType type, Changes changes) {
        this.type = type;
        this.changes = changes;
    }

    CaseLine parse(String line) {
        ObjectNode object = object(line);
        if (object.has(WATERMARK)) {
            return new CaseLine.Time(time(alone(object, WATERMARK)));
        }
        if (object.has(IDLE)) {
            if (!alone(object, IDLE).equals(JSON.getNodeFactory().booleanNode(true))) {
                throw new BadLineException("write {\"" + IDLE + "\": true}; the next row ends it");
            }
            return new CaseLine.Idle();
        }
        RowKind kind = kind(object.remove(KIND));
        GenericRowData row = (GenericRowData) JsonToData.convert(object, type, "");
        row.setRowKind(kind);
        return new CaseLine.Row(row);
    }

    private static ObjectNode object(String line) {
        try {
            if (JSON.readTree(line) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new BadLineException("column " + (e.getLocation() == null ? 1 : e.getLocation().getColumnNr())
                    + ": this is not JSON: " + e.getOriginalMessage());
        }
        throw new BadLineException("a line is an object: {\"column\": value, …}");
    }

    private static JsonNode alone(ObjectNode object, String name) {
        if (object.size() > 1) {
            throw new BadLineException("\"" + name + "\" stands alone in its line");
        }
        return object.get(name);
    }

    private static long time(JsonNode node) {
        try {
            return OffsetDateTime.parse(node.textValue()).toInstant().toEpochMilli();
        } catch (DateTimeException | NullPointerException e) {
            throw new BadLineException("\"" + WATERMARK + "\" is a time such as \"2013-01-01T06:00:00Z\", not " + node);
        }
    }

    private RowKind kind(JsonNode node) {
        if (node == null) {
            return RowKind.INSERT;
        }
        RowKind kind = node.isTextual() ? KINDS.get(node.textValue()) : null;
        if (kind == null || !changes.mode().contains(kind)) {
            Set<String> known = new TreeSet<>(KINDS.keySet());
            known.removeIf(name -> !changes.mode().contains(KINDS.get(name)));
            throw new BadLineException("\"" + KIND + "\" of a row of this table is one of " + known + ", not " + node);
        }
        return kind;
    }
}
