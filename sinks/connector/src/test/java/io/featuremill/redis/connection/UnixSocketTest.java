package io.featuremill.redis.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featuremill.redis.RealRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class UnixSocketTest {

    @TempDir
    Path folder;

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
        try (RedisConnection connection = connector("x", 5_000).connect()) {
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
        try (RedisConnection connection = connector("x", 100).connect()) {
            assertThatThrownBy(() -> connection.exchange(List.of(RedisCommand.of("BLPOP", "nothing", "5"))))
                    .isInstanceOf(RedisUnavailableException.class).hasMessageContaining(path);
        }
    }

    /** More than the system takes for a server that reads nothing. */
    @Test
    void aServerThatStopsReadingCountsAsLost() throws Exception {
        try (RedisConnection connection = connector("x", 100).connect()) {
            server.pause();
            assertThatThrownBy(() -> connection.exchange(List.of(RedisCommand.of("SET", "k", "x".repeat(10 << 20)))))
                    .isInstanceOf(RedisUnavailableException.class);
        } finally {
            server.resume();
        }
    }

    @Test
    void aServerThatIsGoneCountsAsLost() throws Exception {
        try (RedisConnection connection = connector("x", 5_000).connect()) {
            server.close();
            assertThatThrownBy(() -> connection.exchange(List.of(RedisCommand.of("PING")))).isInstanceOf(RedisUnavailableException.class);
        }
        assertThatThrownBy(() -> connector("x", 5_000).connect()).isInstanceOf(RedisUnavailableException.class).hasMessageContaining(path);
    }

    @Test
    void aWrongPasswordWontPass() {
        assertThatThrownBy(() -> connector("guess", 5_000).connect())
                .isInstanceOf(RedisConfigurationException.class).hasMessageContaining("WRONGPASS").hasMessageContaining(path);
    }

    private StandaloneRedis connector(String password, int timeoutMs) {
        return new StandaloneRedis(new UnixEndpoint(path), null, password, 3, Duration.ofSeconds(5), Duration.ofMillis(timeoutMs));
    }
}
