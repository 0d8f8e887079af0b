package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featuremill.redis.connection.RedisConfigurationException;
import io.featuremill.redis.connection.RedisConnector;
import io.featuremill.redis.connection.RedisUnavailableException;
import io.featuremill.redis.connection.StandaloneRedis;
import io.featuremill.redis.deadletter.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.metrics.groups.InternalSinkWriterMetricGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisException;

/** Each kind of failure on a server that has it: what passes is waited for, what won't fails at once, a bad row is a dead letter. */
@Timeout(60)
class FailuresTest {

    private static final RetryPolicy PATIENT = new RetryPolicy(200, Duration.ofMillis(10), Duration.ofMillis(30));
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final RecordedLetters letters = new RecordedLetters();
    private final WriterMetrics metrics = new WriterMetrics(
            InternalSinkWriterMetricGroup.wrap(UnregisteredMetricsGroup.createOperatorMetricGroup()), new RowBuffer(100, true));

    @BeforeEach
    void forget() {
        RecordedLetters.ARRIVED.clear();
    }

    @AfterEach
    void closeAll() throws Exception {
        Collections.reverse(opened);
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFullServerIsWaitedFor(boolean guarded) throws Exception {
        RealRedis server = opened(new RealRedis("--maxmemory-policy", "noeviction"));
        Jedis admin = opened(server.client());
        arrivesAfter(server, guarded, () -> admin.configSet("maxmemory", "1"), () -> admin.configSet("maxmemory", "0"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReplicaIsAskedAgainOnANewConnection(boolean guarded) throws Exception {
        RealRedis server = opened(new RealRedis());
        Jedis admin = opened(server.client());
        long[] before = new long[1];
        arrivesAfter(server, guarded, () -> {
            admin.replicaof("127.0.0.1", 1);
            before[0] = connectionsSoFar(admin);
        }, admin::replicaofNoOne);
        long lookedAfterwards = 1;
        assertThat(connectionsSoFar(admin) - before[0] - lookedAfterwards).isEqualTo(metrics.retries.getCount());
    }

    private static long connectionsSoFar(Jedis admin) {
        return admin.info("stats").lines().filter(line -> line.startsWith("total_connections_received:"))
                .mapToLong(line -> Long.parseLong(line.split(":")[1])).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReplicaWithoutItsPrimaryIsWaitedFor(boolean guarded) throws Exception {
        RealRedis server = opened(new RealRedis("--replica-serve-stale-data", "no"));
        Jedis admin = opened(server.client());
        arrivesAfter(server, guarded, () -> admin.replicaof("127.0.0.1", 1), admin::replicaofNoOne);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aServerThatIsBusyWithAScriptIsWaitedFor(boolean guarded) throws Exception {
        RealRedis server = opened(new RealRedis("--lua-time-limit", "10"));
        Jedis admin = opened(server.client());
        arrivesAfter(server, guarded, () -> {
            Thread endless = new Thread(() -> {
                try (Jedis other = server.client()) {
                    other.eval("while true do end");
                } catch (JedisException killed) {
                    // It was meant to be.
                }
            });
            endless.setDaemon(true);
            endless.start();
            for (String answer = "PONG"; answer.equals("PONG"); ) {
                try {
                    RealRedis.sleep(5);
                    answer = admin.ping();
                } catch (JedisException e) {
                    answer = e.getMessage();
                }
            }
        }, admin::scriptKill);
    }

    /** Longer than the time-out, as a long fork or a stopped virtual machine does. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aServerThatIsSilentIsWaitedFor(boolean guarded) throws Exception {
        RealRedis server = opened(new RealRedis());
        arrivesAfter(server, guarded, server::pause, server::resume);
    }

    /** Sends while the server is in trouble, and looks that the row is there, once, when the trouble has passed. */
    private void arrivesAfter(RealRedis server, boolean guarded, Runnable trouble, Runnable relief) throws Exception {
        RowSender sender = sender(connector(server.port, null, null), guarded, PATIENT);
        sender.send(List.of(row("k", 1, 0, "a", "1")));
        trouble.run();
        Thread later = new Thread(() -> {
            RealRedis.sleep(400);
            relief.run();
        });
        later.start();
        sender.send(List.of(row("k", 2, 0, "a", "2"), row("l", 2, 0, "a", "2")));
        later.join();
        assertThat(metrics.retries.getCount()).as("it was in trouble").isPositive();
        assertThat(metrics.writes.getCount()).isEqualTo(3);
        assertThat(RecordedLetters.ARRIVED).isEmpty();
        try (Jedis redis = server.client()) {
            assertThat(redis.hmget("k", "a", "@p")).containsExactly("2", "2-0");
            assertThat(redis.hmget("l", "a", "@p")).containsExactly("2", "2-0");
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 1", "true, 777", "true, 20000", "false, 1", "false, 777", "false, 20000"})
    void aPipelineThatIsCutInTheMiddleIsSentAgain(boolean guarded, int bytes) throws Exception {
        RealRedis server = opened(new RealRedis());
        TcpProxy proxy = opened(new TcpProxy(server.port));
        RowSender sender = sender(connector(proxy.port(), null, null), guarded, PATIENT);
        List<FeatureRow> rows = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            rows.add(row("k" + i, i, 0, "a", "" + i));
        }
        proxy.cutAfter(bytes);
        sender.send(rows);
        assertThat(metrics.retries.getCount()).isEqualTo(1);
        try (Jedis redis = server.client()) {
            assertThat(redis.dbSize()).isEqualTo(500);
            for (int i = 0; i < 500; i++) {
                assertThat(redis.hmget("k" + i, "a", "@p")).containsExactly("" + i, i + "-0");
            }
        }
    }

    /** Wherever it is met: when the connection is made, when the script is loaded, and by the write. */
    @ParameterizedTest
    @ValueSource(strings = {
        "LOADING Redis is loading the dataset in memory",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "TRYAGAIN Multiple keys request during rehashing of slot",
        "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
        "READONLY You can't write against a read only replica.",
        "OOM command not allowed when used memory > 'maxmemory'.",
    })
    void whatPassesIsWaitedFor(String error) throws IOException {
        for (String command : List.of("AUTH", "SELECT", "SCRIPT", "EVALSHA")) {
            FakeRedis server = opened(new FakeRedis());
            server.answer(command, error, error);
            long retriesBefore = metrics.retries.getCount();
            RowSender sender = sender(connector(server.port(), "u", "x"), true, PATIENT);
            sender.send(List.of(row("k", 1, 0, "a", "1")));
            assertThat(metrics.retries.getCount() - retriesBefore).as(command).isEqualTo(2);
            assertThat(server.heard).filteredOn(command::equals).as(command).hasSizeGreaterThanOrEqualTo(3);
            assertThat(server.heard).endsWith("EVALSHA");
        }
    }

    @Test
    void whatDoesNotPassInTimeEndsTheAttempts() {
        FakeRedis server = opened(new FakeRedis());
        String loading = "LOADING Redis is loading the dataset in memory";
        server.answer("EVALSHA", Collections.nCopies(9, loading).toArray(String[]::new));
        RetryPolicy three = new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(1));
        assertThatThrownBy(() -> sender(connector(server.port(), null, null), true, three).send(List.of(row("k", 1, 0, "a", "1"))))
                .isInstanceOf(RedisUnavailableException.class)
                .hasMessageContaining(loading).hasMessageContaining("given up after 3 attempts, with 1 rows to write");
        assertThat(server.heard).filteredOn("EVALSHA"::equals).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
        "-,       -,     NOAUTH",
        "writer,  wrong, WRONGPASS",
        "nobody,  x,     WRONGPASS",
        "limited, x,     NOPERM",
        "strange, x,     NOPERM",
    })
    void whatWontPassFailsAtOnceAndSaysWhat(String user, String password, String code) {
        RealRedis server = opened(new RealRedis("--requirepass", "x",
                "--user writer on >x allkeys +@all", "--user limited on >x allkeys +@all -hset -evalsha", "--user strange on >x ~other:* +@all"));
        for (boolean guarded : List.of(true, false)) {
            assertThatThrownBy(() -> sender(connector(server.port, user, password), guarded, PATIENT).send(List.of(row("k", 1, 0, "a", "1"))))
                    .isInstanceOf(RedisConfigurationException.class)
                    .hasMessageContaining(code).hasMessageContaining("127.0.0.1:" + server.port)
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("wrong"));
        }
        assertThat(metrics.retries.getCount()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"true, EVALSHA", "true, SCRIPT", "false, HSET", "false, MULTI"})
    void aServerWithoutACommandFailsAtOnceAndSaysWhich(boolean guarded, String command) {
        RealRedis server = opened(new RealRedis("--rename-command", command, ""));
        assertThatThrownBy(() -> sender(connector(server.port, null, null), guarded, PATIENT).send(List.of(row("k", 1, 0, "a", "1"))))
                .isInstanceOf(RedisConfigurationException.class).hasMessageContaining("unknown command").hasMessageContaining(command);
        assertThat(metrics.retries.getCount()).isZero();
    }

    /** To the server it is no command any more: it would close the connection, and the others in the pipeline would suffer. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aValueThatIsTooLongForTheServerIsALetterAndTheOthersArrive(boolean guarded) throws Exception {
        RealRedis server = opened(new RealRedis("--proto-max-bulk-len", "1mb"));
        RowSender sender = sender(connector(server.port, null, null), guarded, PATIENT);
        sender.send(List.of(
                row("before", 1, 0, "a", "1"), row("k", 1, 0, "a", "x".repeat((1 << 20) + 1)), row("full", 1, 0, "a", "x".repeat(1 << 20))));
        letters.flush();
        try (Jedis redis = server.client()) {
            assertThat(redis.keys("*")).containsExactlyInAnyOrder("before", "full");
        }
        assertThat(metrics.retries.getCount()).isZero();
        assertThat(RecordedLetters.ARRIVED).singleElement().satisfies(letter -> {
            assertThat(letter.reason()).isEqualTo(Reason.TOO_LARGE);
            assertThat(letter.message()).contains("k of pipeline p").contains("1048577").contains("1048576").contains("proto-max-bulk-len");
        });
    }

    @Test
    void whoMayNotAskForTheServersLimitWritesAllTheSame() throws Exception {
        RealRedis server = opened(new RealRedis());
        try (Jedis redis = server.client()) {
            redis.aclSetUser("writer", "on", ">x", "allkeys", "+@all", "-config");
        }
        sender(connector(server.port, "writer", "x"), true, PATIENT).send(List.of(row("k", 1, 0, "a", "1")));
        assertThat(metrics.writes.getCount()).isEqualTo(1);
    }

    @Test
    void aConnectionThatTheServerClosesIsMadeAgain() throws Exception {
        RealRedis server = opened(new RealRedis());
        RowSender sender = sender(connector(server.port, null, null), true, PATIENT);
        try (Jedis redis = server.client()) {
            for (int i = 1; i <= 3; i++) {
                redis.sendCommand(Protocol.Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "yes");
                sender.send(List.of(row("k", i, 0, "a", "" + i)));
                assertThat(redis.hget("k", "a")).isEqualTo("" + i);
                assertThat(metrics.retries.getCount()).isEqualTo(i);
            }
        }
    }

    private static RedisConnector connector(int port, String user, String password) {
        return new StandaloneRedis("127.0.0.1", port, user, password, user == null ? 0 : 1, Duration.ofSeconds(2), Duration.ofMillis(250));
    }

    private RowSender sender(RedisConnector connector, boolean guarded, RetryPolicy retries) throws IOException {
        RowSender sender = opened(new RowSender(
                connector, retries, guarded ? new GuardedWrites() : new UnguardedWrites(), new BadRows(letters, metrics), metrics));
        sender.open();
        return sender;
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        opened.add(closeable);
        return closeable;
    }
}
