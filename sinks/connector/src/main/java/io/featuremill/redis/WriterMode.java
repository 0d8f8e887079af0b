package io.featuremill.redis;

import java.util.Locale;

/** Which writer a sink has. */
public enum WriterMode {
    /**
     * {@link #BATCH} where the planner calls the input bounded, else {@link #STREAM}. Flink 2.3 does so in batch mode only: a
     * job with a bounded source in streaming mode, which it takes for checkpoints, has to ask for {@link #BATCH} by name.
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
