package io.featuremill.redis;

import java.util.List;

/** The rows that one writer had taken and not yet written to Redis when a checkpoint was made. */
public record RedisWriterState(List<FeatureRow> rows) {}
