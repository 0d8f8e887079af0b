package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.featuremill.redis.FlawedSinks.Subject;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What makes rows late, or a task slow to end. */
class PaceFlawsTest extends FlawTest {

    private static final int ROWS = 100;

    @Test
    void flaw07OneRoundTripARow() throws Exception {
        assertThat(piecesSent(port -> ours(port, true))).isLessThan(ROWS / 5);
        assertThat(piecesSent(port -> ours(port, false))).isLessThan(ROWS / 5);
        assertThat(piecesSent(FlawedSinks.OneRoundTripARow::new)).isGreaterThanOrEqualTo(ROWS);
    }

    private long piecesSent(Opener opener) throws Exception {
        try (TcpProxy proxy = new TcpProxy(server.port); Subject sink = opener.open(proxy.port())) {
            for (int i = 0; i < ROWS; i++) {
                sink.write(row("k" + i, 1, 0, "a", "1"));
            }
            sink.checkpoint();
            return proxy.pieces();
        }
    }

    /** A pause before the next attempt holds no more rows up than Redis does, and none holds up a task that is cancelled. */
    @Test
    void flaw07APauseBeforeTheNextAttemptKeepsTheTaskFromEnding() throws Exception {
        long pauseMs = 1_500;
        RetryPolicy slow = new RetryPolicy(9, Duration.ofMillis(4 * pauseMs), Duration.ofMillis(4 * pauseMs));
        Cancelled ours = cancelled(port -> ours(port, true, slow));
        assertThat(ours.failure).isInstanceOf(InterruptedIOException.class);
        assertThat(ours.afterMs).isLessThan(pauseMs);
        assertThat(cancelled(port -> new FlawedSinks.SleepsThroughCancellation(port, pauseMs)).afterMs).isGreaterThan(pauseMs / 2);
    }

    private record Cancelled(Throwable failure, long afterMs) {}

    /** Interrupts, as Flink does, a writer whose server has gone. */
    private Cancelled cancelled(Opener opener) throws Exception {
        try (TcpProxy proxy = new TcpProxy(server.port); Subject sink = opener.open(proxy.port())) {
            sink.write(row("before", 1, 0, "a", "1"));
            sink.checkpoint();
            proxy.close();
            Throwable[] failure = {null};
            Thread task = new Thread(() -> failure[0] = catchThrowable(() -> {
                sink.write(row("k", 1, 0, "a", "1"));
                sink.checkpoint();
            }));
            task.start();
            Set<Thread.State> waits = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);
            while (task.isAlive() && !waits.contains(task.getState())) {
                Thread.sleep(1);
            }
            long from = System.nanoTime();
            task.interrupt();
            task.join();
            sink.close();
            return new Cancelled(failure[0], (System.nanoTime() - from) / 1_000_000);
        }
    }

    @Test
    void flaw11FeaturesLagBecauseABufferWaitsForItsSize() throws Exception {
        for (boolean guarded : List.of(true, false)) {
            assertThat(waitsFor(ours(server.port, guarded))).isEmpty();
        }
        assertThat(waitsFor(opened(new FlawedSinks.WaitsForItsSize(server.port, 1000)))).containsExactly("age", "checkpoint");
    }

    /** What doesn't bring the only row of a large buffer to Redis, of what should. */
    private List<String> waitsFor(Subject sink) throws Exception {
        redis.flushAll();
        List<String> inVain = new ArrayList<>();
        sink.write(row("aged", 1, 0, "a", "1"));
        time.advanceTo(time.getCurrentProcessingTime() + 100);
        sink.settle();
        if (!redis.exists("aged")) {
            inVain.add("age");
        }
        sink.write(row("checked", 1, 0, "a", "1"));
        sink.checkpoint();
        if (!redis.exists("checked")) {
            inVain.add("checkpoint");
        }
        return inVain;
    }
}
