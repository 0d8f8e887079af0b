package io.featuremill.redis.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.featuremill.redis.RealRedis;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ChannelSocketTest {

    @TempDir
    Path folder;

    private static final List<RedisCommand> LARGE = Collections.nCopies(40, RedisCommand.of("SET", "k", "x".repeat(1 << 20)));

    private RealRedis server;
    private String path;

    @BeforeEach
    void start() {
        path = folder.resolve("redis.sock").toString();
        server = new RealRedis("--unixsocket", path, "--requirepass", "x");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void largePipelinesGoBothWays() throws Exception {
        String value = "x".repeat(1 << 20);
        try (RedisConnection connection = unix("x", 5_000).connect()) {
            List<RedisCommand> commands = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                commands.add(RedisCommand.of("SET", "k" + i, i + value));
                commands.add(RedisCommand.of("GET", "k" + i));
            }
            List<Object> replies = connection.exchange(commands);
            for (int i = 0; i < 10; i++) {
                assertThat(new String((byte[]) replies.get(2 * i + 1))).isEqualTo(i + value);
            }
            assertThat(new String((byte[]) connection.exchange(List.of(RedisCommand.of("CLIENT", "INFO"))).get(0)))
                    .contains(" db=3 ").contains(path);
        }
    }

    @Test
    void silenceCountsAsLost() throws Exception {
        try (RedisConnection connection = unix("x", 100).connect()) {
            assertThatThrownBy(() -> connection.exchange(List.of(RedisCommand.of("BLPOP", "nothing", "5"))))
                    .isInstanceOf(RedisUnavailableException.class).hasMessageContaining(path);
        }
    }

    /** The pipeline is more than the system takes for a server that reads nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void aServerThatStopsReadingCountsAsLost(String way) throws Exception {
        try (RedisConnection connection = connector(way, 300).connect()) {
            server.pause();
            assertTimeout(Duration.ofSeconds(5), () -> {
                assertThatThrownBy(() -> connection.exchange(LARGE)).isInstanceOf(RedisUnavailableException.class)
                        .hasMessageContaining("Nothing moved for 300 ms");
                connection.close();
            });
        } finally {
            server.resume();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "unix"})
    void anInterruptEndsTheWait(String way) throws Exception {
        for (List<RedisCommand> commands : List.of(LARGE, List.of(RedisCommand.of("BLPOP", "nothing", "0")))) {
            try (RedisConnection connection = connector(way, 60_000).connect()) {
                server.pause();
                AtomicReference<Throwable> thrown = new AtomicReference<>();
                AtomicBoolean interrupted = new AtomicBoolean();
                Thread sender = new Thread(() -> {
                    thrown.set(catchThrowable(() -> connection.exchange(commands)));
                    interrupted.set(Thread.currentThread().isInterrupted());
                });
                sender.start();
                while (Stream.of(sender.getStackTrace()).noneMatch(frame -> frame.getMethodName().equals("select"))) {
                    Thread.onSpinWait();
                }
                sender.interrupt();
                sender.join(5_000);
                assertThat(thrown.get()).isInstanceOf(RedisUnavailableException.class).hasMessageContaining("Interrupted");
                assertThat(interrupted).isTrue();
            } finally {
                server.resume();
            }
        }
    }

    /** A server that has more clients waiting than it listens for: the system leaves a further one without an answer. */
    @Test
    void nobodyIsWaitedForLongerThanToConnect() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress()); Socket first = new Socket(); Socket second = new Socket()) {
            first.connect(full.getLocalSocketAddress());
            second.connect(full.getLocalSocketAddress());
            StandaloneRedis connector = new StandaloneRedis(
                    "127.0.0.1", full.getLocalPort(), null, null, 0, Duration.ofMillis(200), Duration.ofSeconds(60));
            assertTimeout(Duration.ofSeconds(5), () -> assertThatThrownBy(connector::connect)
                    .isInstanceOf(RedisUnavailableException.class).hasMessageContaining("Nothing moved for 200 ms"));
        }
    }

    @Test
    void aServerThatIsGoneCountsAsLost() throws Exception {
        try (RedisConnection connection = unix("x", 5_000).connect()) {
            server.close();
            assertThatThrownBy(() -> connection.exchange(List.of(RedisCommand.of("PING")))).isInstanceOf(RedisUnavailableException.class);
        }
        assertThatThrownBy(() -> unix("x", 5_000).connect()).isInstanceOf(RedisUnavailableException.class).hasMessageContaining(path);
    }

    @Test
    void aWrongPasswordWontPass() {
        assertThatThrownBy(() -> unix("guess", 5_000).connect())
                .isInstanceOf(RedisConfigurationException.class).hasMessageContaining("WRONGPASS").hasMessageContaining(path);
    }

    private StandaloneRedis unix(String password, int timeoutMs) {
        return connector(new UnixEndpoint(path), password, timeoutMs);
    }

    private StandaloneRedis connector(String way, int timeoutMs) {
        return connector(way.equals("unix") ? new UnixEndpoint(path) : new TcpEndpoint("127.0.0.1", server.port, null), "x", timeoutMs);
    }

    private static StandaloneRedis connector(Endpoint endpoint, String password, int timeoutMs) {
        return new StandaloneRedis(endpoint, null, password, 3, Duration.ofSeconds(5), Duration.ofMillis(timeoutMs));
    }
}
