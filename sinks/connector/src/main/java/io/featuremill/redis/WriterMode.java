package io.featuremill.redis;

import java.util.Locale;

/** Which writer a sink has. */
public enum WriterMode {
    /**
     * {@link #BATCH} if every source that the rows come from says that it ends, else {@link #STREAM}. Flink's runtime mode doesn't
     * matter: a job that ends may run in streaming mode, for the checkpoints.
     */
    AUTO,
    /** {@link StreamRedisWriter}: low latency. */
    STREAM,
    /** {@link BatchRedisWriter}: large pipelines. */
    BATCH;

    /** As it is written in SQL. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
