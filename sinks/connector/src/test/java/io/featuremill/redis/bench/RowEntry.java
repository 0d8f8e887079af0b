package io.featuremill.redis.bench;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.MapData;
import org.apache.flink.table.data.RowData;

/**
 * A row as the arguments of its HSET: the key, {@code @<pipeline>} with the row's place in time, and each feature.
 *
 * @param ttlMs the key's time to live, or -1 for one that never expires
 */
record RowEntry(byte[][] hset, long ttlMs) implements Serializable {

    private static final long NEVER_EXPIRES = -1;

    /** The columns are those of the sink's table; the rows are good ones. */
    static RowEntry of(RowData row) {
        MapData features = row.getMap(2);
        ArrayData names = features.keyArray();
        ArrayData values = features.valueArray();
        byte[][] hset = new byte[3 + 2 * features.size()][];
        hset[0] = row.getString(0).toBytes();
        hset[1] = ascii("@" + row.getString(3));
        hset[2] = ascii(row.getTimestamp(1, 3).getMillisecond() + "-" + row.getLong(5));
        for (int i = 0; i < features.size(); i++) {
            hset[3 + 2 * i] = names.getString(i).toBytes();
            hset[4 + 2 * i] = values.getString(i).toBytes();
        }
        return new RowEntry(hset, row.isNullAt(4) ? NEVER_EXPIRES : row.getLong(4));
    }

    byte[] key() {
        return hset[0];
    }

    boolean expires() {
        return ttlMs != NEVER_EXPIRES;
    }

    long sizeInBytes() {
        long size = 8;
        for (byte[] argument : hset) {
            size += argument.length;
        }
        return size;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
