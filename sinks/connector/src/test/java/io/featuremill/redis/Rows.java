package io.featuremill.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;

/** Rows in few words. */
final class Rows {

    private Rows() {}

    /** A row of pipeline "p" without a time to live; features as name, value, name, value. */
    static FeatureRow row(String key, long time, long sequence, String... features) {
        return row(key, "p", time, sequence, FeatureRow.NEVER_EXPIRES, features);
    }

    static FeatureRow row(String key, String pipeline, long time, long sequence, long ttlMs, String... features) {
        byte[][] names = new byte[features.length / 2][];
        byte[][] values = new byte[features.length / 2][];
        for (int i = 0; i < names.length; i++) {
            names[i] = utf8(features[2 * i]);
            values[i] = utf8(features[2 * i + 1]);
        }
        return new FeatureRow(new RowKey(utf8(key), utf8(pipeline)), time, sequence, ttlMs, names, values);
    }

    /** The same row as it comes from SQL. */
    static RowData data(FeatureRow row) {
        Map<StringData, StringData> features = new LinkedHashMap<>();
        for (int i = 0; i < row.names().length; i++) {
            features.put(StringData.fromBytes(row.names()[i]), row.values()[i] == null ? null : StringData.fromBytes(row.values()[i]));
        }
        return GenericRowData.of(
                StringData.fromBytes(row.key().entityKey()),
                TimestampData.fromEpochMillis(row.eventTime()),
                new GenericMapData(features),
                StringData.fromBytes(row.key().pipeline()),
                row.ttlMs() == FeatureRow.NEVER_EXPIRES ? null : row.ttlMs(),
                row.sequence());
    }

    /** {@code key@time-sequence{a=1, b=null}}, for comparing. */
    static String text(FeatureRow row) {
        List<String> features = new ArrayList<>();
        for (int i = 0; i < row.names().length; i++) {
            features.add(string(row.names()[i]) + "=" + string(row.values()[i]));
        }
        return string(row.key().entityKey()) + "@" + row.eventTime() + "-" + row.sequence() + features;
    }

    static List<String> texts(List<FeatureRow> rows) {
        return rows.stream().map(Rows::text).toList();
    }

    static byte[] utf8(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private static String string(byte[] utf8) {
        return utf8 == null ? null : new String(utf8, StandardCharsets.UTF_8);
    }
}
