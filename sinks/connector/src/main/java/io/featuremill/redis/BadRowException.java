package io.featuremill.redis;

import io.featuremill.redis.deadletter.Reason;

/** A row that can't be written, whatever Redis says. */
final class BadRowException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Reason reason;

    BadRowException(Reason reason, String message) {
        super(message, null, false, false); // no stack trace: it is about data
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}
