package io.featuremill.redis;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One row of the sink's table, as the bytes that go to Redis.
 *
 * <p>The arrays are shared with the row's readers and must not be changed.
 *
 * @param key the entity and the pipeline that the row belongs to
 * @param eventTime when the values were true, in milliseconds since the epoch
 * @param sequence decides between rows of one event time
 * @param ttlMs the time to live in milliseconds, or {@link #NEVER_EXPIRES}
 * @param names the features' names
 * @param values their values in the same order; null removes the feature
 */
public record FeatureRow(RowKey key, long eventTime, long sequence, long ttlMs, byte[][] names, byte[][] values)
        implements Serializable {

    public static final long NEVER_EXPIRES = -1;

    /** What a row costs in memory beyond its bytes: objects, array headers, its place in the buffer. A rough figure. */
    private static final int OVERHEAD = 200;

    /** True for a row that removes all that it names. A row that names nothing is a sign of life, not a removal. */
    public boolean isRemoval() {
        return values.length > 0 && valueCount() == 0;
    }

    /** True if the guard would turn this row away where {@code other} has been written. */
    public boolean isOlderThan(FeatureRow other) {
        return eventTime < other.eventTime || (eventTime == other.eventTime && sequence < other.sequence);
    }

    /**
     * True if writing {@code older} just before this row leaves no trace: every feature that it names is named here too, and
     * it doesn't ask for a longer life.
     */
    public boolean covers(FeatureRow older) {
        return (ttlMs == NEVER_EXPIRES || (older.ttlMs != NEVER_EXPIRES && older.ttlMs <= ttlMs)) && namesAll(older.names);
    }

    /**
     * One row that leaves what {@code earlier} and then this row leave, where nothing compares them: this row, and of the earlier
     * one the features that this row doesn't name.
     */
    public FeatureRow after(FeatureRow earlier) {
        if (namesAll(earlier.names)) {
            return this;
        }
        List<byte[]> allNames = new ArrayList<>(List.of(names));
        List<byte[]> allValues = new ArrayList<>(Arrays.asList(values));
        for (int i = 0; i < earlier.names.length; i++) {
            if (!names(earlier.names[i])) {
                allNames.add(earlier.names[i]);
                allValues.add(earlier.values[i]);
            }
        }
        return new FeatureRow(key, eventTime, sequence, ttlMs, allNames.toArray(new byte[0][]), allValues.toArray(new byte[0][]));
    }

    /** How many features have a value. */
    int valueCount() {
        int count = 0;
        for (byte[] value : values) {
            if (value != null) {
                count++;
            }
        }
        return count;
    }

    private boolean namesAll(byte[][] others) {
        for (int i = 0; i < others.length; i++) {
            // Rows of one pipeline name the same features, nearly always in the same order.
            if (!(i < names.length && Arrays.equals(names[i], others[i])) && !names(others[i])) {
                return false;
            }
        }
        return true;
    }

    private boolean names(byte[] other) {
        for (byte[] name : names) {
            if (Arrays.equals(name, other)) {
                return true;
            }
        }
        return false;
    }

    /** The length of the longest of key, names and values. */
    long longestArgument() {
        int longest = key.entityKey().length;
        for (int i = 0; i < names.length; i++) {
            longest = Math.max(longest, Math.max(names[i].length, values[i] == null ? 0 : values[i].length));
        }
        return longest;
    }

    /** About how many bytes of memory the row takes. */
    public long sizeInBytes() {
        long size = OVERHEAD + key.entityKey().length + key.pipeline().length;
        for (int i = 0; i < names.length; i++) {
            size += 32L + names[i].length + (values[i] == null ? 0 : values[i].length);
        }
        return size;
    }

    /** For messages and logs; values stay out of it. */
    @Override
    public String toString() {
        return key + " at " + eventTime + "-" + sequence + " (" + names.length + " features)";
    }
}
