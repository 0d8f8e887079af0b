package io.featuremill.redis;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What guard and buffer work on: an entity's Redis key and the pipeline that writes to it, both in UTF-8. */
public final class RowKey {

    private final byte[] entityKey;
    private final byte[] pipeline;
    private final int hash;

    public RowKey(byte[] entityKey, byte[] pipeline) {
        this.entityKey = entityKey;
        this.pipeline = pipeline;
        this.hash = 31 * Arrays.hashCode(entityKey) + Arrays.hashCode(pipeline);
    }

    public byte[] entityKey() {
        return entityKey;
    }

    public byte[] pipeline() {
        return pipeline;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RowKey that
                && hash == that.hash
                && Arrays.equals(entityKey, that.entityKey)
                && Arrays.equals(pipeline, that.pipeline);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return new String(entityKey, StandardCharsets.UTF_8) + " of pipeline " + new String(pipeline, StandardCharsets.UTF_8);
    }
}
