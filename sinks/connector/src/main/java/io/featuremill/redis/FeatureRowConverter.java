package io.featuremill.redis;

import static io.featuremill.redis.RedisLayout.BIGGEST_NUMBER;

import io.featuremill.redis.deadletter.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.MapData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.binary.BinaryArrayData;
import org.apache.flink.table.data.binary.BinaryStringData;

/**
 * Turns a row of the sink's table into a {@link FeatureRow}, and finds what can't be written before it is buffered. Not safe for
 * several threads.
 */
final class FeatureRowConverter {

    static final int ENTITY_KEY = 0;
    static final int EVENT_TIME = 1;
    static final int FEATURES = 2;
    static final int PIPELINE = 3;
    static final int TTL_MS = 4;
    static final int SEQUENCE = 5;

    private static final Pattern PIPELINE_NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");

    /** Redis' usual limit for one argument, held to the whole row. */
    private static final long LARGEST_ROW = RedisLayout.LONGEST_ARGUMENT;

    private final int maxValueBytes;

    /** A writer sees few pipelines, most often one: it is checked once, and its rows share the bytes. */
    private byte[] lastPipeline = new byte[0];

    /** And so are its features' names. From another operator they come in one piece of memory, so that one look tells. */
    private BinaryArrayData lastNames;

    private FeatureNames lastFeatureNames = new FeatureNames(new byte[0][]);

    /** @param maxValueBytes how long a value may be */
    FeatureRowConverter(int maxValueBytes) {
        this.maxValueBytes = maxValueBytes;
    }

    FeatureRow convert(RowData row) throws BadRowException {
        RowKey key = new RowKey(entityKey(row), pipeline(row));
        long eventTime = eventTime(row);
        long sequence = sequence(row);
        long ttlMs = ttlMs(row);
        if (row.isNullAt(FEATURES)) {
            throw new BadRowException(Reason.BAD_FEATURES, "The map of features is null.");
        }
        MapData features = row.getMap(FEATURES);
        ArrayData mapNames = features.keyArray();
        ArrayData mapValues = features.valueArray();
        int size = features.size();
        FeatureNames names = names(mapNames, size);
        byte[][] values = new byte[size][];
        for (int i = 0; i < size; i++) {
            values[i] = mapValues.isNullAt(i) ? null : bytes(mapValues.getString(i));
            if (values[i] != null && values[i].length > maxValueBytes) {
                throw new BadRowException(Reason.TOO_LARGE, "The value of " + mapNames.getString(i) + " of " + row.getString(ENTITY_KEY)
                        + " has " + values[i].length + " bytes, and value.max-bytes is " + maxValueBytes + ".");
            }
        }
        FeatureRow converted = new FeatureRow(key, eventTime, sequence, ttlMs, names, values);
        if (converted.sizeInBytes() > LARGEST_ROW) {
            throw new BadRowException(Reason.TOO_LARGE, "The row is larger than 512 MiB.");
        }
        return converted;
    }

    /** The same on every machine; 0 for a key that is null. */
    static int hashOfEntityKey(RowData row) {
        return row.isNullAt(ENTITY_KEY) ? 0 : row.getString(ENTITY_KEY).hashCode();
    }

    private static byte[] entityKey(RowData row) throws BadRowException {
        if (row.isNullAt(ENTITY_KEY)) {
            throw new BadRowException(Reason.BAD_KEY, "The entity key is null.");
        }
        byte[] key = bytes(row.getString(ENTITY_KEY));
        if (key.length == 0 || key[0] == RedisLayout.RESERVED) {
            throw new BadRowException(Reason.BAD_KEY,
                    key.length == 0 ? "The entity key is empty." : "The entity key begins with @, as the platform's own keys do.");
        }
        return key;
    }

    private byte[] pipeline(RowData row) throws BadRowException {
        if (row.isNullAt(PIPELINE)) {
            throw new BadRowException(Reason.BAD_PIPELINE, "The pipeline is null.");
        }
        byte[] name = bytes(row.getString(PIPELINE));
        if (!Arrays.equals(name, lastPipeline)) {
            String text = new String(name, StandardCharsets.UTF_8);
            if (!PIPELINE_NAME.matcher(text).matches()) {
                throw new BadRowException(Reason.BAD_PIPELINE,
                        "'" + text + "' is not a pipeline's name: [a-z][a-z0-9_]{0,62} is.");
            }
            lastPipeline = name;
        }
        return lastPipeline;
    }

    private static long eventTime(RowData row) throws BadRowException {
        if (row.isNullAt(EVENT_TIME)) {
            throw new BadRowException(Reason.BAD_EVENT_TIME, "The event time is null.");
        }
        long millis = row.getTimestamp(EVENT_TIME, 3).getMillisecond();
        if (millis > BIGGEST_NUMBER || millis < -BIGGEST_NUMBER) {
            throw new BadRowException(Reason.BAD_EVENT_TIME, "The event time " + millis + " ms is out of range.");
        }
        return millis;
    }

    private static long sequence(RowData row) throws BadRowException {
        long sequence = row.isNullAt(SEQUENCE) ? -1 : row.getLong(SEQUENCE);
        if (sequence < 0 || sequence > BIGGEST_NUMBER) {
            throw new BadRowException(Reason.BAD_SEQUENCE, row.isNullAt(SEQUENCE)
                    ? "The sequence is null." : "The sequence " + sequence + " is not within 0 and 2^53 - 1.");
        }
        return sequence;
    }

    private static long ttlMs(RowData row) throws BadRowException {
        if (row.isNullAt(TTL_MS)) {
            return FeatureRow.NEVER_EXPIRES;
        }
        long ttlMs = row.getLong(TTL_MS);
        if (ttlMs <= 0 || ttlMs > BIGGEST_NUMBER) {
            throw new BadRowException(Reason.BAD_TTL, "The time to live of " + ttlMs + " ms is not within 1 and 2^53 - 1.");
        }
        return ttlMs;
    }

    private FeatureNames names(ArrayData names, int size) throws BadRowException {
        if (names instanceof BinaryArrayData binary && binary.equals(lastNames)) {
            return lastFeatureNames;
        }
        byte[][] all = new byte[size][];
        for (int i = 0; i < size; i++) {
            all[i] = featureName(names, i);
        }
        lastFeatureNames = FeatureNames.of(all, lastFeatureNames);
        lastNames = names instanceof BinaryArrayData binary ? binary.copy() : null;
        return lastFeatureNames;
    }

    private static byte[] featureName(ArrayData names, int i) throws BadRowException {
        byte[] name = names.isNullAt(i) ? null : bytes(names.getString(i));
        if (name == null || name.length == 0 || name[0] == RedisLayout.RESERVED) {
            throw new BadRowException(Reason.BAD_FEATURES, "A feature's name is null, empty or begins with @.");
        }
        return name;
    }

    private static byte[] bytes(StringData text) {
        return text instanceof BinaryStringData binary ? binary.toBytes() : text.toBytes();
    }
}
