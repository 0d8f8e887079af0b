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

    protected RedisSinkException(String message, Throwable cause) {
        super(message, cause);
    }
}
