package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.featuremill.redis.FlawedSinks.Subject;
import io.featuremill.redis.connection.RedisUnavailableException;
import io.featuremill.redis.deadletter.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of a write that has not reached Redis, or that Redis refuses. */
class LostWritesFlawsTest extends FlawTest {

    private static final int ROWS = 100;

    @Test
    void flaw01WritesInFlightAreNotAwaitedAtACheckpoint() throws Exception {
        TcpProxy far = opened(new TcpProxy(server.port));
        far.delayMs = 20;
        assertThat(missingAfterACheckpoint(ours(far.port(), true))).isZero();
        assertThat(missingAfterACheckpoint(ours(far.port(), false))).isZero();
        assertThat(missingAfterACheckpoint(opened(new FlawedSinks.DoesNotAwait(far.port())))).isPositive();
    }

    private long missingAfterACheckpoint(Subject sink) throws Exception {
        redis.flushAll();
        for (int i = 0; i < ROWS; i++) {
            sink.write(row("k" + i, 1, 0, "a", "1"));
        }
        sink.checkpoint();
        return ROWS - redis.dbSize();
    }

    @Test
    void flaw02TheExpiryIsLostWhenTheConnectionEndsBetween() throws Exception {
        assertThat(keysThatLiveForever(port -> ours(port, true, ONCE))).isZero();
        assertThat(keysThatLiveForever(port -> ours(port, false, ONCE))).isZero();
        assertThat(keysThatLiveForever(FlawedSinks.ExpiryApart::new)).isPositive();
    }

    /** Cuts the connection after every number of bytes that a row may have, and counts the keys that were left without expiry. */
    private int keysThatLiveForever(Opener opener) throws Exception {
        int forever = 0;
        int written = 0;
        int cuts = 0;
        for (int bytes = 1; bytes < 260; bytes += 5) {
            redis.flushAll();
            try (TcpProxy proxy = new TcpProxy(server.port); Subject sink = opener.open(proxy.port())) {
                proxy.cutAfter(bytes);
                // Whether it fails depends on where it is cut; what it leaves behind is the question.
                catchThrowable(() -> {
                    sink.write(row("k", "p", 1, 0, 60_000, "a", "1"));
                    sink.checkpoint();
                });
            }
            long ttl = redis.pttl("k");
            cuts++;
            written += ttl == -2 ? 0 : 1;
            forever += ttl == -1 ? 1 : 0;
        }
        assertThat(written).as("cuts before the write took effect, and behind").isBetween(1, cuts - 1);
        return forever;
    }

    /** With the guard: a transaction that has begun goes on, see proto/redis-layout.md. */
    @Test
    void flaw02TheExpiryIsSetAfterAFailedWrite() throws Exception {
        assertThat(aStrangersExpiry(ours(server.port, true))).isEqualTo(-1);
        assertThat(aStrangersExpiry(opened(new FlawedSinks.ExpiryApart(server.port)))).isPositive();
    }

    private long aStrangersExpiry(Subject sink) throws Exception {
        redis.set("k", "not a hash");
        redis.persist("k");
        sink.write(row("k", "p", 1, 0, 60_000, "a", "1"));
        sink.checkpoint();
        return redis.pttl("k");
    }

    @Test
    void flaw04AnExceptionInsideACallbackIsSwallowed() throws Exception {
        assertThat(failureWhenTheServerIsAway(port -> ours(port, true, ONCE))).isInstanceOf(RedisUnavailableException.class);
        assertThat(failureWhenTheServerIsAway(port -> ours(port, false, ONCE))).isInstanceOf(RedisUnavailableException.class);
        assertThat(failureWhenTheServerIsAway(FlawedSinks.SwallowsExceptions::new)).isNull();
    }

    private Throwable failureWhenTheServerIsAway(Opener opener) throws Exception {
        try (TcpProxy proxy = new TcpProxy(server.port); Subject sink = opener.open(proxy.port())) {
            proxy.close();
            return catchThrowable(() -> {
                sink.write(row("k", 1, 0, "a", "1"));
                sink.checkpoint();
            });
        }
    }

    @Test
    void flaw05AFailedWriteIsSkipped() throws Exception {
        for (boolean guarded : List.of(true, false)) {
            assertThat(failureWhenRedisIsFull(ours(server.port, guarded, ONCE)))
                    .isInstanceOf(RedisUnavailableException.class).hasMessageContaining("OOM");
            assertThat(lettersForAKeyOfAnotherType(ours(server.port, guarded))).isEqualTo(1);
        }
        Subject flawed = opened(new FlawedSinks.SkipsFailures(server.port));
        assertThat(failureWhenRedisIsFull(flawed)).isNull();
        assertThat(lettersForAKeyOfAnotherType(flawed)).isZero();
    }

    private Throwable failureWhenRedisIsFull(Subject sink) {
        redis.configSet("maxmemory", "1");
        try {
            return catchThrowable(() -> {
                sink.write(row("k", 1, 0, "a", "1"));
                sink.checkpoint();
            });
        } finally {
            redis.configSet("maxmemory", "0");
        }
    }

    private int lettersForAKeyOfAnotherType(Subject sink) throws Exception {
        RecordedLetters.ARRIVED.clear();
        redis.set("text", "not a hash");
        sink.write(row("text", 1, 0, "a", "1"));
        sink.checkpoint();
        assertThat(RecordedLetters.ARRIVED).allSatisfy(letter -> {
            assertThat(letter.reason()).isEqualTo(Reason.WRONG_TYPE);
            assertThat(letter.value()).asString().contains("\"features\":{\"a\":\"1\"}");
        });
        return RecordedLetters.ARRIVED.size();
    }

    @Test
    void flaw06OnePoisonedEntryFailsTheBatchAroundIt() throws Exception {
        redis.set("k50", "not a hash");
        for (boolean guarded : List.of(true, false)) {
            assertThat(failureOfABatch(ours(server.port, guarded))).isNull();
            for (int i = 0; i < ROWS; i++) {
                assertThat(redis.type("k" + i)).isEqualTo(i == 50 ? "string" : "hash");
            }
        }
        assertThat(failureOfABatch(opened(new FlawedSinks.TransactionAroundTheBatch(server.port)))).hasMessageContaining("WRONGTYPE");
    }

    private Throwable failureOfABatch(Subject sink) {
        return catchThrowable(() -> {
            for (int i = 0; i < ROWS; i++) {
                sink.write(row("k" + i, 1, 0, "a", "1"));
            }
            sink.checkpoint();
        });
    }
}
