package io.featuremill.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.Jedis;

/** Which failures Flink answers with a restart, where its strategy would have many. */
@Timeout(60)
class RestartsClusterTest {

    private RealRedis server;
    private StreamTableEnvironment tables;

    @BeforeEach
    void start() {
        server = new RealRedis();
        Attempts.started.set(0);
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(Configuration.fromMap(Map.of(
                "restart-strategy.type", "fixed-delay",
                "restart-strategy.fixed-delay.attempts", "200",
                "restart-strategy.fixed-delay.delay", "10 ms",
                "parallelism.default", "1")));
        tables = StreamTableEnvironment.create(environment);
        tables.createTemporaryView("numbers", environment.fromSequence(0, 99).map(new Attempts()));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "stream | ''          | 'entity key is empty'", // as it arrives
        "batch  | ''          | 'entity key is empty'",
        "stream | k           | WRONGTYPE", // as Redis answers
        "batch  | k           | WRONGTYPE",
    })
    void aBadRowFailsTheJobForGoodIfItIsToldTo(String writer, String key, String message) {
        try (Jedis redis = server.client()) {
            redis.set("k", "not a hash");
        }
        assertThatThrownBy(() -> insert(writer, key, "").await()).satisfies(e -> assertThat(messages(e))
                .contains(message).contains("'on-bad-row' = 'fail'"));
        assertThat(Attempts.started).hasValue(1);
    }

    @Test
    void aPasswordThatIsWrongForAWhileIsNotTheEnd() throws Exception {
        try (Jedis redis = server.client()) {
            redis.configSet("requirepass", "the old one");
            TableResult job = insert("stream", "k", ", 'password' = 'the new one'");
            while (!redis.info("errorstats").contains("WRONGPASS")) {
                RealRedis.sleep(20);
            }
            redis.configSet("requirepass", "the new one");
            job.await();
            assertThat(redis.hget("k", "n")).isEqualTo("99");
        }
    }

    private TableResult insert(String writer, String key, String options) {
        tables.executeSql("CREATE TABLE redis (entity_key STRING NOT NULL, event_time TIMESTAMP_LTZ(3) NOT NULL,"
                + " features MAP<STRING NOT NULL, STRING>, pipeline STRING NOT NULL, ttl_ms BIGINT, sequence BIGINT NOT NULL) WITH ("
                + "'connector' = 'featuremill-redis', 'host' = '127.0.0.1', 'port' = '" + server.port + "', 'on-bad-row' = 'fail',"
                + " 'writer' = '" + writer + "'" + options + ")");
        return tables.executeSql("INSERT INTO redis SELECT '" + key + "', TO_TIMESTAMP_LTZ(f0, 3), MAP['n', CAST(f0 AS STRING)], 'p',"
                + " CAST(NULL AS BIGINT), f0 FROM numbers");
    }

    private static String messages(Throwable e) {
        return Stream.iterate(e, cause -> cause != null, Throwable::getCause)
                .map(cause -> String.valueOf(cause.getMessage())).collect(Collectors.joining("\n"));
    }

    /** Counts how often the job was started. */
    public static final class Attempts extends RichMapFunction<Long, Long> {
        private static final AtomicInteger started = new AtomicInteger();

        @Override
        public void open(OpenContext context) {
            started.incrementAndGet();
        }

        @Override
        public Long map(Long number) {
            return number;
        }
    }
}
