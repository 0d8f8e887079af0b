package io.featuremill.redis.connection;

import java.io.IOException;

/**
 * What can go wrong between the sink and Redis.
 *
 * <pre>
 * RedisSinkException
 *  ├─ RedisUnavailableException      may be tried again
 *  ├─ RedisConfigurationException    won't pass until somebody changes a setting; Flink restarts the job as it is told to
 *  └─ RefusedRowException            about one row, under 'on-bad-row' = 'fail'; the job fails for good
 * </pre>
 */
public abstract class RedisSinkException extends IOException {

    private static final long serialVersionUID = 1L;

    private final boolean retryable;

    protected RedisSinkException(String message, Throwable cause, boolean retryable) {
        super(message, cause);
        this.retryable = retryable;
    }

    /** True if the same attempt may succeed later without anybody's doing. */
    public boolean isRetryable() {
        return retryable;
    }
}
