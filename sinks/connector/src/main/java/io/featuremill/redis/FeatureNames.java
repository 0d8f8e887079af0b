package io.featuremill.redis;

import io.featuremill.redis.connection.RedisCommand;
import java.util.Arrays;

/** The names of a row's features, in UTF-8. Rows of one pipeline nearly always have the same ones, and then share this. */
final class FeatureNames {

    private final byte[][] names;
    private final byte[][] encoded;
    private final int longest;
    private final long totalLength;

    FeatureNames(byte[][] names) {
        this.names = names;
        this.encoded = new byte[names.length][];
        int longest = 0;
        long totalLength = 0;
        for (int i = 0; i < names.length; i++) {
            encoded[i] = RedisCommand.encoded(names[i]);
            longest = Math.max(longest, names[i].length);
            totalLength += names[i].length;
        }
        this.longest = longest;
        this.totalLength = totalLength;
    }

    /** {@code last} if these are its names, in its order. */
    static FeatureNames of(byte[][] names, FeatureNames last) {
        return last != null && Arrays.deepEquals(names, last.names) ? last : new FeatureNames(names);
    }

    byte[][] all() {
        return names;
    }

    /** A name as it stands in a command. */
    byte[] encoded(int i) {
        return encoded[i];
    }

    int longest() {
        return longest;
    }

    long totalLength() {
        return totalLength;
    }

    boolean containsAll(FeatureNames others) {
        if (this == others) {
            return true;
        }
        for (int i = 0; i < others.names.length; i++) {
            boolean same = i < names.length && Arrays.equals(names[i], others.names[i]);
            if (!same && !contains(others.names[i])) {
                return false;
            }
        }
        return true;
    }

    boolean contains(byte[] other) {
        for (byte[] name : names) {
            if (Arrays.equals(name, other)) {
                return true;
            }
        }
        return false;
    }
}
