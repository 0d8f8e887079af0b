package io.featuremill.redis;

import io.featuremill.redis.deadletter.DeadLetter;
import io.featuremill.redis.deadletter.DeadLetterQueue;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Dead letters kept in this JVM, where a test, or a cluster inside it, can look at them. */
public final class RecordedLetters implements DeadLetterQueue {

    public static final List<DeadLetter> ARRIVED = new CopyOnWriteArrayList<>();

    private final List<DeadLetter> inFlight = new CopyOnWriteArrayList<>();

    /** If set, the next flush fails with it. */
    public IOException failure;

    @Override
    public void send(DeadLetter letter) {
        inFlight.add(letter);
    }

    @Override
    public void flush() throws IOException {
        if (failure != null) {
            throw failure;
        }
        ARRIVED.addAll(inFlight);
        inFlight.clear();
    }

    @Override
    public void close() {}
}
