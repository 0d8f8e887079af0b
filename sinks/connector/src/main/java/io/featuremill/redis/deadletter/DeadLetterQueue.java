package io.featuremill.redis.deadletter;

import java.io.IOException;
import java.io.Serializable;

/** Where dead letters go. */
public interface DeadLetterQueue extends AutoCloseable {

    /** Hands a letter over; it may be on its way when this returns. */
    void send(DeadLetter letter) throws IOException;

    /** Returns when every letter handed over has arrived for certain; throws if one did not, or not in time. */
    void flush() throws IOException;

    @Override
    void close();

    /** Opens a queue where the job runs. */
    @FunctionalInterface
    interface Opener extends Serializable {
        DeadLetterQueue open();
    }
}
