package io.featuremill.redis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One row of the sink's table, as the bytes that go to Redis.
 *
 * <p>The arrays are shared with the row's readers and must not be changed.
 */
public final class FeatureRow {

    public static final long NEVER_EXPIRES = -1;

    /** What a row costs in memory beyond its bytes: objects, array headers, its place in the buffer. A rough figure. */
    private static final int OVERHEAD = 200;

    private final RowKey key;
    private final long eventTime;
    private final long sequence;
    private final long ttlMs;
    private final FeatureNames names;
    private final byte[][] values;

    // Of the values, which are gone through once.
    private final int valueCount;
    private final long valuesLength;
    private final int longestValue;

    /**
     * @param key the entity and the pipeline that the row belongs to
     * @param eventTime when the values were true, in milliseconds since the epoch
     * @param sequence decides between rows of one event time
     * @param ttlMs the time to live in milliseconds, or {@link #NEVER_EXPIRES}
     * @param names the features' names
     * @param values their values in the same order; null removes the feature
     */
    public FeatureRow(RowKey key, long eventTime, long sequence, long ttlMs, byte[][] names, byte[][] values) {
        this(key, eventTime, sequence, ttlMs, new FeatureNames(names), values);
    }

    FeatureRow(RowKey key, long eventTime, long sequence, long ttlMs, FeatureNames names, byte[][] values) {
        this.key = key;
        this.eventTime = eventTime;
        this.sequence = sequence;
        this.ttlMs = ttlMs;
        this.names = names;
        this.values = values;
        int count = 0;
        long length = 0;
        int longest = 0;
        for (byte[] value : values) {
            if (value != null) {
                count++;
                length += value.length;
                longest = Math.max(longest, value.length);
            }
        }
        this.valueCount = count;
        this.valuesLength = length;
        this.longestValue = longest;
    }

    public RowKey key() {
        return key;
    }

    public long eventTime() {
        return eventTime;
    }

    public long sequence() {
        return sequence;
    }

    public long ttlMs() {
        return ttlMs;
    }

    public byte[][] names() {
        return names.all();
    }

    FeatureNames featureNames() {
        return names;
    }

    public byte[][] values() {
        return values;
    }

    /** True for a row that removes all that it names. A row that names nothing is a sign of life, not a removal. */
    public boolean isRemoval() {
        return values.length > 0 && valueCount == 0;
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
        return (ttlMs == NEVER_EXPIRES || (older.ttlMs != NEVER_EXPIRES && older.ttlMs <= ttlMs)) && names.containsAll(older.names);
    }

    /**
     * One row that leaves what {@code earlier} and then this row leave, where nothing compares them: this row, and of the earlier
     * one the features that this row doesn't name.
     */
    public FeatureRow after(FeatureRow earlier) {
        if (names.containsAll(earlier.names)) {
            return this;
        }
        List<byte[]> allNames = new ArrayList<>(List.of(names.all()));
        List<byte[]> allValues = new ArrayList<>(Arrays.asList(values));
        for (int i = 0; i < earlier.values.length; i++) {
            byte[] name = earlier.names.all()[i];
            if (!names.contains(name)) {
                allNames.add(name);
                allValues.add(earlier.values[i]);
            }
        }
        return new FeatureRow(key, eventTime, sequence, ttlMs, allNames.toArray(new byte[0][]), allValues.toArray(new byte[0][]));
    }

    /** How many features have a value. */
    int valueCount() {
        return valueCount;
    }

    /** The length of the longest of key, names and values. */
    int longestArgument() {
        return Math.max(key.entityKey().length, Math.max(names.longest(), longestValue));
    }

    /** The length of key, names and values together. */
    long totalLength() {
        return key.entityKey().length + key.pipeline().length + names.totalLength() + valuesLength;
    }

    /** About how many bytes of memory the row takes. */
    public long sizeInBytes() {
        return OVERHEAD + 32L * values.length + totalLength();
    }

    /** For messages and logs; values stay out of it. */
    @Override
    public String toString() {
        return key + " at " + eventTime + "-" + sequence + " (" + values.length + " features)";
    }
}
