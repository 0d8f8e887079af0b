package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.featuremill.redis.FlawedSinks.Subject;
import io.featuremill.redis.connection.RedisCommand;
import io.featuremill.redis.connection.RedisConfigurationException;
import io.featuremill.redis.connection.RedisConnection;
import io.featuremill.redis.connection.RedisConnector;
import io.featuremill.redis.connection.RedisUnavailableException;
import io.featuremill.redis.connection.StandaloneRedis;
import io.featuremill.redis.deadletter.Reason;
import io.featuremill.redis.table.RedisOptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.metrics.groups.InternalSinkWriterMetricGroup;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;

/**
 * The flaws of the Redis sinks that there are. Each test has the name of one, shows that our sink doesn't have it, with the guard
 * and without where that matters, and that it would notice: the same steps find the flaw in a control that has it built in.
 */
@Timeout(60)
class TwelveFlawsTest {

    private static final int ROWS = 100;
    private static final RetryPolicy PATIENT = new RetryPolicy(100, Duration.ofMillis(10), Duration.ofMillis(20));
    private static final RetryPolicy ONCE = new RetryPolicy(1, Duration.ofMillis(1), Duration.ofMillis(1));
    private static RealRedis server;
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final ManualTime time = new ManualTime();
    private final RecordedLetters letters = new RecordedLetters();
    private Jedis redis;

    @BeforeAll
    static void start() {
        server = new RealRedis("--maxmemory-policy", "noeviction");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() {
        redis = server.client();
        redis.flushAll();
        RecordedLetters.ARRIVED.clear();
    }

    @AfterEach
    void disconnect() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        redis.configSet("maxmemory", "0");
        redis.close();
    }

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

    private interface Opener {
        Subject open(int port) throws Exception;
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
    void flaw03RetractionsAreIgnoredOrWrittenAsAValue() throws Exception {
        assertThat(featuresAfterARemoval(ours(server.port, true))).isEmpty();
        assertThat(featuresAfterARemoval(ours(server.port, false))).isEmpty();
        assertThat(featuresAfterARemoval(opened(new FlawedSinks.NoRemovals(server.port, null)))).containsOnlyKeys("a", "b");
        assertThat(featuresAfterARemoval(opened(new FlawedSinks.NoRemovals(server.port, "null")))).containsValue("null");
    }

    private Map<String, String> featuresAfterARemoval(Subject sink) throws Exception {
        redis.flushAll();
        sink.write(row("k", 1, 0, "a", "1", "b", "1"));
        sink.checkpoint();
        sink.write(row("k", 2, 0, "a", null, "b", null));
        time.advanceTo(time.getCurrentProcessingTime() + 100);
        sink.checkpoint();
        Map<String, String> fields = redis.hgetAll("k");
        fields.remove("@p");
        return fields;
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
    void flaw08AReplayRegressesLiveValues() throws Exception {
        assertThat(afterAReplay(ours(server.port, true))).containsOnly("5");
        // Not to compare is what 'none' is for, and so it is the control.
        assertThat(afterAReplay(ours(server.port, false))).contains("1");
    }

    private List<String> afterAReplay(Subject sink) throws Exception {
        redis.flushAll();
        List<String> seen = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            for (int i = 1; i <= 5; i++) {
                sink.write(row("k", i, i, "a", "" + i));
                sink.checkpoint();
                if (run == 1) {
                    seen.add(redis.hget("k", "a"));
                }
            }
        }
        return seen;
    }

    @Test
    void flaw08ARetriedOlderRowLandsAfterANewerOne() throws Exception {
        for (boolean guarded : List.of(true, false)) {
            // Rows that name different features of one pipeline are not one write: their order is the order of two writes.
            assertThat(afterAFullServer(ours(server.port, guarded))).isEqualTo("2");
        }
        assertThat(afterAFullServer(opened(new FlawedSinks.QueuesFailuresBehind(server.port)))).isEqualTo("1");
    }

    private String afterAFullServer(Subject sink) throws Exception {
        redis.flushAll();
        redis.configSet("maxmemory", "1");
        Thread relief = new Thread(() -> {
            RealRedis.sleep(300);
            try (Jedis other = server.client()) {
                other.configSet("maxmemory", "0");
            }
        });
        sink.write(row("k", 1, 0, "a", "1", "b", "1"));
        sink.write(row("k", 2, 0, "a", "2"));
        relief.start();
        sink.checkpoint();
        relief.join();
        return redis.hget("k", "a");
    }

    /** The connection before this one may still carry writes, which the network delivers when it likes. */
    @Test
    void flaw08AWriteOfALostConnectionLandsAfterANewerOne() throws Exception {
        assertThat(afterADelayedDelivery(new GuardedWrites())).isEqualTo("new");
        assertThat(afterADelayedDelivery(new UnguardedWrites())).isEqualTo("new");
        assertThat(afterADelayedDelivery(new FlawedSinks.Unfenced())).isEqualTo("old");
    }

    private String afterADelayedDelivery(Writes writes) throws Exception {
        redis.flushAll();
        TcpProxy proxy = opened(new TcpProxy(server.port));
        RedisConnector impatient = new StandaloneRedis(
                "127.0.0.1", proxy.port(), null, null, 0, Duration.ofSeconds(2), Duration.ofMillis(150));
        WriterMetrics metrics = metrics(new RowBuffer(1, true));
        try (RowSender sender = new RowSender(impatient, PATIENT, writes, new BadRows(letters, metrics), metrics)) {
            sender.open();
            proxy.hold();
            sender.send(List.of(row("k", 1, 0, "a", "old")));
            assertThat(metrics.retries.getCount()).isPositive();
            assertThat(redis.hget("k", "a")).isEqualTo("old");
            sender.send(List.of(row("k", 2, 0, "a", "new")));
            proxy.release();
            for (int i = 0; i < 10 && redis.hget("k", "a").equals("new"); i++) {
                RealRedis.sleep(20);
            }
            return redis.hget("k", "a");
        }
    }

    @Test
    void flaw09AReconnectForgetsTheDatabaseOrTheUser() throws Exception {
        redis.aclSetUser("writer", "reset", "on", ">x", "allkeys", "+@all");
        RedisConnector sound = server.connector("writer", "x", 3);
        for (boolean guarded : List.of(true, false)) {
            assertThat(databaseAfterAReconnect(sound, guarded)).isEqualTo(3);
        }
        assertThat(databaseAfterAReconnect(FlawedSinks.forgetsItsDatabase(sound, server.connector()), true)).isEqualTo(0);
    }

    private int databaseAfterAReconnect(RedisConnector connector, boolean guarded) throws Exception {
        redis.flushAll();
        Subject sink = opened(new Ours(connector, guarded, PATIENT));
        sink.write(row("before", 1, 0, "a", "1"));
        sink.checkpoint();
        redis.sendCommand(Protocol.Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "yes");
        sink.write(row("k", 1, 0, "a", "1"));
        sink.checkpoint();
        for (int database : List.of(0, 3)) {
            redis.select(database);
            boolean found = redis.exists("k");
            redis.select(0);
            if (found) {
                return database;
            }
        }
        throw new AssertionError("The row is nowhere");
    }

    @Test
    void flaw10APasswordWithACommaCantBeWritten() throws Exception {
        String password = "a,b:c@d/e 'f' \"g\" #?%2C=ü";
        redis.aclSetUser("writer", "reset", "on", ">" + password, "allkeys", "+@all");
        RedisConnector ours = RedisOptions.sinkConfig(Configuration.fromMap(Map.of(
                "host", "127.0.0.1", "port", "" + server.port, "username", "writer", "password", password, "on-bad-row", "fail")), false)
                .connector();
        try (RedisConnection connection = ours.connect()) {
            assertThat((byte[]) connection.exchange(List.of(RedisCommand.of("ACL", "WHOAMI"))).get(0)).asString().isEqualTo("writer");
        }
        assertThat(ours.toString()).doesNotContain("a,b");
        assertThatThrownBy(FlawedSinks.fromOneText("127.0.0.1," + server.port + ",writer," + password)::connect)
                .isInstanceOf(RedisConfigurationException.class).hasMessageContaining("WRONGPASS");
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

    @Test
    void flaw12DeleteThenWriteLeavesAMomentWithNoValue() throws Exception {
        for (boolean guarded : List.of(true, false)) {
            assertThat(seenDuringAnUpdate(ours(server.port, guarded))).containsExactly("1", "2");
        }
        assertThat(seenDuringAnUpdate(opened(new FlawedSinks.DeletesThenWrites(server.port)))).containsExactly(null, "2");
    }

    /** An update is a removal and a row; a checkpoint comes between them. */
    private List<String> seenDuringAnUpdate(Subject sink) throws Exception {
        redis.flushAll();
        sink.write(row("k", 1, 0, "a", "1"));
        sink.checkpoint();
        List<String> seen = new ArrayList<>();
        sink.write(row("k", 2, 0, "a", null));
        sink.checkpoint();
        seen.add(redis.hget("k", "a"));
        sink.write(row("k", 2, 1, "a", "2"));
        sink.checkpoint();
        seen.add(redis.hget("k", "a"));
        return seen;
    }

    private Subject ours(int port, boolean guarded) throws IOException {
        return ours(port, guarded, PATIENT);
    }

    private Subject ours(int port, boolean guarded, RetryPolicy retries) throws IOException {
        RedisConnector connector = new StandaloneRedis(
                "127.0.0.1", port, null, null, 0, Duration.ofSeconds(2), Duration.ofSeconds(5));
        return opened(new Ours(connector, guarded, retries));
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    private static WriterMetrics metrics(RowBuffer buffer) {
        return new WriterMetrics(InternalSinkWriterMetricGroup.wrap(UnregisteredMetricsGroup.createOperatorMetricGroup()), buffer);
    }

    /** The stream writer, with a buffer that no test fills. */
    private final class Ours implements Subject {
        private final RedisWriter writer;

        private Ours(RedisConnector connector, boolean guarded, RetryPolicy retries) throws IOException {
            RedisSinkConfig config = new RedisSinkConfig(
                    connector, retries, false, guarded, 1, 1000, 1 << 24, Duration.ofMillis(100), () -> letters);
            RowBuffer buffer = new RowBuffer(100, guarded);
            WriterMetrics metrics = metrics(buffer);
            BadRows badRows = new BadRows(letters, metrics);
            Writes writes = guarded ? new GuardedWrites() : new UnguardedWrites();
            RowSender sender = new RowSender(connector, retries, writes, badRows, metrics);
            Senders senders = new Senders(List.of(new BackgroundSender(sender, "sender", failure -> {})));
            writer = new StreamRedisWriter(config, buffer, senders, badRows, metrics, time);
            writer.open(List.of());
        }

        @Override
        public void write(FeatureRow row) throws IOException {
            writer.write(Rows.data(row), null);
        }

        @Override
        public void settle() throws IOException {
            writer.await();
        }

        @Override
        public void checkpoint() throws IOException, InterruptedException {
            writer.flush(false);
        }

        @Override
        public void close() {
            writer.close();
        }
    }
}
