package io.featuremill.redis.connection;

/** Redis refuses what we are set up to do: a wrong password, a missing right, a database or a command that it doesn't have. */
public final class RedisConfigurationException extends RedisSinkException {

    private static final long serialVersionUID = 1L;

    public RedisConfigurationException(String message, Throwable cause) {
        super(message, cause, false);
    }
}
