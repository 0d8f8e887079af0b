package io.featuremill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.Jedis;

/**
 * A job stops with a savepoint while its writer's state holds rows, and goes on with another {@code writer}: in the end all rows
 * must be in Redis.
 */
@Timeout(60)
class WriterChangeClusterTest {

    private static final int ROWS = 10_000;

    private RealRedis server;

    @TempDir
    Path folder;

    @BeforeEach
    void start() {
        server = new RealRedis();
        Pace.slow = true;
        Pace.seen = 0;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** A stream writer's state holds removals alone. The forgetful sink, made by the planner, is the control: its state is empty. */
    @ParameterizedTest
    @CsvSource({
        "featuremill-redis,           BOUNDED,              CAST(f0 AS STRING),   auto,   batch,  true",
        "featuremill-redis,           BOUNDED,              CAST(f0 AS STRING),   batch,  auto,   true",
        "featuremill-redis,           CONTINUOUS_UNBOUNDED, CAST(NULL AS STRING), auto,   stream, true",
        "featuremill-redis,           CONTINUOUS_UNBOUNDED, CAST(NULL AS STRING), stream, auto,   true",
        "featuremill-redis,           BOUNDED,              CAST(f0 AS STRING),   batch,  stream, true",
        "featuremill-redis-forgetful, BOUNDED,              CAST(f0 AS STRING),   batch,  batch,  false",
    })
    void nothingIsLost(String connector, Boundedness input, String value, String before, String after, boolean complete)
            throws Exception {
        JobClient first = insert(connector, input, value, before, null).getJobClient().orElseThrow();
        while (Pace.seen < 500) {
            assertThat(first.getJobStatus().get().isTerminalState()).isFalse();
            RealRedis.sleep(10);
        }
        String savepoint = first.stopWithSavepoint(false, folder.toUri().toString(), SavepointFormatType.CANONICAL).get();
        long seen = Pace.seen;
        try (Jedis redis = server.client()) {
            assertThat(redis.dbSize()).as("rows that are not in the state").isZero();
            Pace.slow = false;
            insert(connector, input, value, after, savepoint).await();
            assertThat(Pace.seen).as("rows that came after the savepoint, and those before it").isEqualTo(ROWS);
            assertThat(redis.dbSize()).isEqualTo(complete ? ROWS : ROWS - seen);
        }
    }

    private TableResult insert(String connector, Boundedness input, String value, String writer, String savepoint) {
        Map<String, String> settings = new HashMap<>(Map.of("parallelism.default", "1", "restart-strategy.type", "none"));
        if (savepoint != null) {
            settings.put("execution.state-recovery.path", savepoint);
        }
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(Configuration.fromMap(settings));
        StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
        tables.createTemporaryView("numbers", environment
                .fromSource(new Numbers(input), WatermarkStrategy.noWatermarks(), "numbers").map(new Pace()));
        tables.executeSql("CREATE TABLE redis (entity_key STRING NOT NULL, event_time TIMESTAMP_LTZ(3) NOT NULL,"
                + " features MAP<STRING NOT NULL, STRING>, pipeline STRING NOT NULL, ttl_ms BIGINT, sequence BIGINT NOT NULL) WITH ("
                + "'connector' = '" + connector + "', 'host' = '127.0.0.1', 'port' = '" + server.port + "', 'on-bad-row' = 'fail',"
                + " 'writer' = '" + writer + "', 'flush.max-rows' = '20000', 'flush.interval' = '1 min')");
        return tables.executeSql("INSERT INTO redis SELECT CAST(f0 AS STRING), TO_TIMESTAMP_LTZ(f0, 3), MAP['n', " + value + "], 'p',"
                + " CAST(NULL AS BIGINT), f0 FROM numbers");
    }

    /** Numbers that end, and say so or not. */
    public static final class Numbers extends NumberSequenceSource {
        private final Boundedness told;

        Numbers(Boundedness told) {
            super(0, ROWS - 1);
            this.told = told;
        }

        @Override
        public Boundedness getBoundedness() {
            return told;
        }
    }

    /** Counts rows, and lets them pass slowly. */
    public static final class Pace implements MapFunction<Long, Long> {
        private static volatile boolean slow;
        private static volatile long seen;

        @Override
        public Long map(Long number) throws InterruptedException {
            seen++;
            if (slow) {
                Thread.sleep(1);
            }
            return number;
        }
    }
}
