package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featuremill.redis.connection.Endpoint;
import io.featuremill.redis.connection.RedisCommand;
import io.featuremill.redis.connection.RedisConfigurationException;
import io.featuremill.redis.connection.RedisConnection;
import io.featuremill.redis.connection.RedisErrorReply;
import io.featuremill.redis.connection.RedisUnavailableException;
import io.featuremill.redis.connection.StandaloneRedis;
import io.featuremill.redis.connection.TcpEndpoint;
import io.featuremill.redis.connection.UnixEndpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.metrics.groups.InternalSinkWriterMetricGroup;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.Jedis;

/** {@code 'write.guard' = 'none'} on a real server. */
class UnguardedWritesTest {

    private static RealRedis server;
    private final RecordedLetters letters = new RecordedLetters();
    private final WriterMetrics metrics = new WriterMetrics(
            InternalSinkWriterMetricGroup.wrap(UnregisteredMetricsGroup.createOperatorMetricGroup()), new RowBuffer(100, false));
    private Jedis redis;
    private RowSender sender;

    @BeforeAll
    static void start() {
        server = new RealRedis();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() throws IOException {
        redis = server.client();
        redis.flushAll();
        RecordedLetters.ARRIVED.clear();
        sender = sender(server.port, new UnguardedWrites());
    }

    @AfterEach
    void disconnect() {
        sender.close();
        redis.close();
    }

    @Test
    void aRowIsAHashOfItsFeaturesAndItsPlaceInTime() throws IOException {
        sender.send(List.of(row("k", 1000, 7, "a", "1", "b", "ü"), row("l", 1, 0, "a", "1")));
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("a", "1", "b", "ü", "@p", "1000-7"));
        assertThat(redis.hgetAll("l")).isEqualTo(Map.of("a", "1", "@p", "1-0"));
        assertThat(metrics.writes.getCount()).isEqualTo(2);
    }

    @Test
    void theLastToArriveWins() throws IOException {
        sender.send(List.of(row("k", 9, 9, "a", "1", "b", "1", "c", "1")));
        sender.send(List.of(row("k", 1, 0, "a", "2", "b", null)));
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("a", "2", "c", "1", "@p", "1-0"));
    }

    @Test
    void aRemovalLeavesThePlaceInTime() throws IOException {
        sender.send(List.of(row("k", 1, 0, "a", "1")));
        sender.send(List.of(row("k", 2, 0, "a", null)));
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("@p", "2-0"));
    }

    @ParameterizedTest
    @CsvSource({"90000, 50000", "50000, 90000", "-1, 50000", "50000, -1"})
    void theLastWritersTimeToLiveHolds(long before, long asked) throws IOException {
        sender.send(List.of(row("k", "q", 1, 0, before, "b", "1")));
        sender.send(List.of(row("k", "p", 1, 0, asked, "a", "1")));
        assertThat(redis.pttl("k")).isBetween(Math.max(asked - 5000, -1), asked);
    }

    /** In the middle of a pipeline: the others of it are written, and none is taken for another. */
    @Test
    void aRowThatRedisRefusesIsALetterAndTheOthersGoOn() throws IOException {
        redis.set("text", "not a hash");
        sender.send(List.of(row("k", 1, 0, "a", "1", "b", null), row("text", 1, 0, "a", "1"), row("l", "p", 1, 0, 50_000, "a", "1")));
        letters.flush();
        assertThat(RecordedLetters.ARRIVED).singleElement()
                .satisfies(letter -> assertThat(letter.message()).contains("text of pipeline p").contains("WRONGTYPE"));
        assertThat(redis.get("text")).isEqualTo("not a hash");
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("k", "l", "text");
        assertThat(metrics.writes.getCount()).isEqualTo(2);
    }

    @Test
    void aServerThatIsFullChangesNothingAndIsAskedAgain() throws Exception {
        sender.send(List.of(row("k", 1, 0, "a", "1")));
        redis.configSet("maxmemory", "1");
        Thread later = new Thread(() -> {
            RealRedis.sleep(150);
            try (Jedis other = server.client()) {
                assertThat(other.hgetAll("k")).isEqualTo(Map.of("a", "1", "@p", "1-0"));
                other.configSet("maxmemory", "0");
            }
        });
        later.start();
        sender.send(List.of(row("k", 2, 0, "a", "2", "b", "2")));
        later.join();
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("a", "2", "b", "2", "@p", "2-0"));
        assertThat(metrics.retries.getCount()).isPositive();
    }

    /** What EXEC itself meets, and what a queued command meets, is told as what it is. */
    @Test
    void theFirstErrorIsTheReason() {
        Writes writes = new UnguardedWrites();
        RedisErrorReply aborted = new RedisErrorReply("EXECABORT Transaction discarded because of previous errors.");
        RedisErrorReply full = new RedisErrorReply("OOM command not allowed when used memory > 'maxmemory'.");
        assertThat(writes.outcome(List.of("OK", full, "QUEUED", aborted))).isSameAs(full);
        RedisErrorReply busy = new RedisErrorReply("EXECABORT Transaction discarded because of: BUSY Redis is busy running a script.");
        assertThat(((RedisErrorReply) writes.outcome(List.of("OK", "QUEUED", "QUEUED", busy))).kind())
                .isEqualTo(RedisErrorReply.Kind.TRANSIENT);
        RedisErrorReply wrong = new RedisErrorReply("WRONGTYPE Operation against a key holding the wrong kind of value");
        assertThat(writes.outcome(List.of("OK", "QUEUED", "QUEUED", List.of(wrong, 1L)))).isSameAs(wrong);
        assertThat(writes.outcome(List.of("OK", "QUEUED", "QUEUED", List.of(1L, 1L)))).isEqualTo(1L);
    }

    /** The rights that proto/redis-layout.md names for it; and without one of them nothing is written by halves. */
    @Test
    void itNeedsFewRightsAndAllOfThem() throws IOException {
        List<String> rights = List.of("+multi", "+exec", "+hset", "+hdel", "+pexpire", "+persist", "+client|info", "+client|kill",
                "+client|setname", "+select", "+auth");
        redis.aclSetUser("narrow", "reset", "on", ">x", "~k", "-@all");
        redis.aclSetUser("narrow", rights.toArray(String[]::new));
        try (RowSender narrow = new RowSender(
                server.connector("narrow", "x", 1), new RetryPolicy(1, Duration.ofMillis(1), Duration.ofMillis(1)), new UnguardedWrites(),
                new BadRows(letters, metrics), metrics)) {
            narrow.send(List.of(row("k", "p", 1, 0, 50_000, "a", "1", "b", null)));
            narrow.send(List.of(row("k", 2, 0, "a", "2")));
        }
        redis.aclSetUser("narrow", "-multi");
        try (RowSender narrow = new RowSender(
                server.connector("narrow", "x", 0), new RetryPolicy(1, Duration.ofMillis(1), Duration.ofMillis(1)), new UnguardedWrites(),
                new BadRows(letters, metrics), metrics)) {
            assertThatThrownBy(() -> narrow.send(List.of(row("k", 1, 0, "a", "1"))))
                    .isInstanceOf(RedisConfigurationException.class).hasMessageContaining("NOPERM").hasMessageContaining("multi");
        }
        assertThat(redis.exists("k")).isFalse();
    }

    /** By the name that the server has for it, whatever that looks like. */
    @Test
    void theConnectionBeforeIsClosedByTheServer(@TempDir Path folder) throws Exception {
        String path = folder.resolve("a redis.sock").toString();
        try (RealRedis other = new RealRedis("--unixsocket", path)) {
            for (Endpoint endpoint : List.of(new TcpEndpoint("127.0.0.1", other.port, null), new UnixEndpoint(path))) {
                StandaloneRedis connector =
                        new StandaloneRedis(endpoint, null, null, 0, Duration.ofSeconds(2), Duration.ofSeconds(2));
                Writes writes = new UnguardedWrites();
                try (RedisConnection before = connector.connect(); RedisConnection after = connector.connect()) {
                    assertThat(writes.prepare(before)).isNull();
                    assertThat(writes.prepare(after)).isNull();
                    assertThatThrownBy(() -> before.exchange(List.of(RedisCommand.of("PING")))).isInstanceOf(RedisUnavailableException.class);
                    assertThat(writes.prepare(after)).as("itself it leaves alone").isNull();
                }
            }
        }
    }

    private RowSender sender(int port, Writes writes) throws IOException {
        RowSender opened = new RowSender(
                new StandaloneRedis("127.0.0.1", port, null, null, 0, Duration.ofSeconds(2), Duration.ofMillis(500)),
                new RetryPolicy(50, Duration.ofMillis(10), Duration.ofMillis(20)), writes, new BadRows(letters, metrics), metrics);
        opened.open();
        return opened;
    }
}
