package io.featuremill.redis.connection;

import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * A row can't be written, and {@code 'on-bad-row' = 'fail'} says that this ends the job. Flink doesn't restart it, whatever its
 * strategy: the row would be there again.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class RefusedRowException extends RedisSinkException {

    private static final long serialVersionUID = 1L;

    public RefusedRowException(String message) {
        super(message, null);
    }
}
