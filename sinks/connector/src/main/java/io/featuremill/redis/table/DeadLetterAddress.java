package io.featuremill.redis.table;

import java.io.Serializable;
import java.time.Duration;

/** Where a source's dead letters go, and what is written on them. */
record DeadLetterAddress(
        String pipeline, String stage, String table, String bootstrapServers, String topic, Duration timeout)
        implements Serializable {}
