package io.featuremill.redis.connection;

/** A row can't be written, and {@code 'on-bad-row' = 'fail'} says that this ends the job. */
public final class RefusedRowException extends RedisSinkException {

    private static final long serialVersionUID = 1L;

    public RefusedRowException(String message) {
        super(message, null, false);
    }
}
