package io.featuremill.redis.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featuremill.redis.FeatureRow;
import io.featuremill.redis.RealRedis;
import io.featuremill.redis.RedisLayout;
import io.featuremill.redis.RowKey;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

class StandaloneRedisTest {

    private static RealRedis server;

    @BeforeAll
    static void start() {
        server = new RealRedis("--requirepass", "open, sesame");
        try (Jedis redis = server.client()) {
            redis.auth("open, sesame");
            redis.aclSetUser("writer", "on", ">secret:with,commas", "allkeys", "+@all");
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void userAndDatabaseAreSetOnEveryConnection() throws Exception {
        RedisConnector connector = server.connector("writer", "secret:with,commas", 3);
        for (int i = 0; i < 2; i++) {
            try (RedisConnection connection = connector.connect()) {
                assertThat(ask(connection, "ACL", "WHOAMI")).isEqualTo("writer");
                assertThat(ask(connection, "CLIENT", "INFO")).contains(" db=3 ").contains(" name=featuremill-redis ");
            }
        }
    }

    @Test
    void aPasswordAloneIsTheDefaultUsers() throws Exception {
        try (RedisConnection connection = server.connector(null, "open, sesame", 0).connect()) {
            assertThat(ask(connection, "ACL", "WHOAMI")).isEqualTo("default");
        }
    }

    /** The rights that proto/redis-layout.md names. */
    @Test
    void theSinkNeedsFewRights() throws Exception {
        try (Jedis redis = server.client()) {
            redis.auth("open, sesame");
            redis.aclSetUser("narrow", "on", ">x", "~airport:*", "-@all", "+evalsha", "+script|load", "+hget", "+hset", "+hdel",
                    "+pttl", "+pexpire", "+persist", "+select", "+auth", "+client|setname");
        }
        try (RedisConnection connection = server.connector("narrow", "x", 0).connect()) {
            assertThat(connection.exchange(List.of(
                            RedisLayout.loadGuard(), write("airport:JFK", 1, 1000), write("airport:JFK", 2, -1))))
                    .element(2).isEqualTo(1L);
            assertThat(connection.exchange(List.of(write("aircraft:N1", 1, -1))).get(0)).isInstanceOfSatisfying(
                    RedisErrorReply.class, error -> assertThat(error.kind()).isEqualTo(RedisErrorReply.Kind.FATAL));
        }
    }

    private static RedisCommand write(String key, long time, long ttlMs) {
        RowKey rowKey = new RowKey(key.getBytes(), "p".getBytes());
        byte[][] names = {"a".getBytes(), "b".getBytes()};
        return RedisLayout.write(new FeatureRow(rowKey, time, 0, ttlMs, names, new byte[][] {"1".getBytes(), null}));
    }

    @Test
    void aWrongPasswordWontPass() {
        assertThatThrownBy(() -> server.connector("writer", "guess", 0).connect())
                .isInstanceOf(RedisConfigurationException.class)
                .hasMessageContaining("refuses the connection: WRONGPASS")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("guess"));
    }

    @Test
    void aDatabaseThatIsNotThereWontPass() {
        assertThatThrownBy(() -> server.connector("writer", "secret:with,commas", 999).connect())
                .isInstanceOf(RedisConfigurationException.class)
                .hasMessageContaining("DB index is out of range");
    }

    @Test
    void aServerThatIsNotThereMayCome() {
        RedisConnector nobody = new StandaloneRedis("127.0.0.1", 1, null, null, 0, Duration.ofSeconds(1), Duration.ofSeconds(1));
        assertThatThrownBy(nobody::connect)
                .isInstanceOf(RedisUnavailableException.class)
                .hasMessageContaining("127.0.0.1:1").hasMessageContaining("Connection refused");
    }

    @Test
    void silenceCountsAsLost() throws Exception {
        try (RedisConnection connection = server.connector("writer", "secret:with,commas", 0).connect()) {
            assertThatThrownBy(() -> connection.exchange(List.of(RedisCommand.of("BLPOP", "nothing", "5"))))
                    .isInstanceOf(RedisUnavailableException.class);
        }
    }

    @Test
    void anErrorIsAnAnswerAmongOthers() throws Exception {
        try (RedisConnection connection = server.connector("writer", "secret:with,commas", 0).connect()) {
            List<Object> replies = connection.exchange(
                    List.of(RedisCommand.of("SET", "text", "1"), RedisCommand.of("HGET", "text", "a"), RedisCommand.of("INCR", "text")));
            assertThat(replies.get(1)).isInstanceOfSatisfying(RedisErrorReply.class,
                    error -> assertThat(error.code()).isEqualTo("WRONGTYPE"));
            assertThat(replies.get(2)).isEqualTo(2L);
        }
    }

    @Test
    void thePasswordIsNotInItsText() {
        assertThat(server.connector("writer", "secret", 1).toString())
                .isEqualTo("redis://writer@127.0.0.1:" + server.port + "/1");
    }

    private static String ask(RedisConnection connection, String... words) throws Exception {
        return new String((byte[]) connection.exchange(List.of(RedisCommand.of(words))).get(0));
    }
}
