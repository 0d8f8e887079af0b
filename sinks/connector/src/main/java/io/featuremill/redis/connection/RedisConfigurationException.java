package io.featuremill.redis.connection;

/**
 * Redis refuses what we are set up to do: a wrong password, a missing right, a database or a command that it doesn't have.
 *
 * <p>The writer doesn't try again, but the job's restart strategy may: what is wrong can be mended at the server (a right, a
 * password that was changed too early) or in a file that each connection reads anew, while a job that has failed for good would
 * have to be submitted again by hand, and has lost its state unless its checkpoints are kept.
 */
public final class RedisConfigurationException extends RedisSinkException {

    private static final long serialVersionUID = 1L;

    public RedisConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
