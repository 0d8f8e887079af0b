package io.featuremill.redis.connection;

/** Redis couldn't be reached, didn't answer in time, or asked for patience. */
public final class RedisUnavailableException extends RedisSinkException {

    private static final long serialVersionUID = 1L;

    public RedisUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
