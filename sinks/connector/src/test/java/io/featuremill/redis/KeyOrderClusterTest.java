package io.featuremill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.LocalZonedTimestampType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.VarCharType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.Jedis;

/**
 * One stream of rows and four writers, without the guard: of each key the last row must be in Redis. Every writer sends at its end
 * only, so that whichever comes last leaves its mark on all the keys that it has.
 */
@Timeout(60)
class KeyOrderClusterTest {

    private static final int ROWS = 5_000;

    /** Odd, so that dealing out in turn brings every key to every writer. */
    private static final int KEYS = 51;

    private static final int WRITERS = 4;

    private RealRedis server;
    private StreamExecutionEnvironment environment;

    @BeforeEach
    void start() {
        server = new RealRedis();
        environment = StreamExecutionEnvironment.getExecutionEnvironment(
                Configuration.fromMap(Map.of("parallelism.default", "1", "restart-strategy.type", "none")));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "stream | TO_TIMESTAMP_LTZ(0, 3)",
        "batch  | TO_TIMESTAMP_LTZ(0, 3)",
        "auto   | TO_TIMESTAMP_LTZ(0, 3)",
        "auto   | t", // has a watermark, so the planner puts an operator of its own before the writers
    })
    void aTableKeepsIt(String writer, String time) throws Exception {
        StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
        tables.createTemporaryView("numbers", tables.fromDataStream(environment.fromSequence(0, ROWS - 1), Schema.newBuilder()
                .column("f0", "BIGINT").columnByExpression("t", "TO_TIMESTAMP_LTZ(f0, 3)").watermark("t", "t").build()));
        tables.executeSql("CREATE TABLE redis (entity_key STRING NOT NULL, event_time TIMESTAMP_LTZ(3) NOT NULL,"
                + " features MAP<STRING NOT NULL, STRING>, pipeline STRING NOT NULL, ttl_ms BIGINT, sequence BIGINT NOT NULL) WITH ("
                + "'connector' = 'featuremill-redis', 'host' = '127.0.0.1', 'port' = '" + server.port + "', 'on-bad-row' = 'fail',"
                + " 'writer' = '" + writer + "', 'write.guard' = 'none', 'flush.interval' = '1 min', 'sink.parallelism' = '4')");
        tables.executeSql("INSERT INTO redis SELECT CAST(MOD(f0, " + KEYS + ") AS STRING), " + time + ", MAP['n', CAST(f0 AS STRING)],"
                + " 'p', CAST(NULL AS BIGINT), f0 FROM numbers").await();
        assertThat(wrongKeys()).isZero();
    }

    @Test
    void aStreamKeepsIt() throws Exception {
        RedisSink.write(rows(), config(), Optional.of(WRITERS));
        environment.execute();
        assertThat(wrongKeys()).isZero();
    }

    /** The control. */
    @Test
    void dealtOutInTurnTheyLoseIt() throws Exception {
        rows().sinkTo(new RedisSink(config())).setParallelism(WRITERS);
        environment.execute();
        assertThat(wrongKeys()).isPositive();
    }

    private long wrongKeys() {
        try (Jedis redis = server.client()) {
            assertThat(redis.dbSize()).isEqualTo(KEYS);
            return LongStream.range(ROWS - KEYS, ROWS)
                    .filter(last -> !redis.hget("" + last % KEYS, "n").equals("" + last)).count();
        }
    }

    private DataStream<RowData> rows() {
        LogicalType text = VarCharType.STRING_TYPE;
        InternalTypeInfo<RowData> type = InternalTypeInfo.ofFields(
                text, new LocalZonedTimestampType(3), new MapType(text, text), text, new BigIntType(), new BigIntType());
        return environment.fromSequence(0, ROWS - 1)
                .map(n -> Rows.data(Rows.row("" + n % KEYS, 0, n, "n", "" + n)))
                .returns(type);
    }

    private RedisSinkConfig config() {
        return new RedisSinkConfig(server.connector(), new RetryPolicy(3, Duration.ofMillis(10), Duration.ofMillis(10)), false, false,
                1, 1000, 1 << 20, Duration.ofMinutes(1), 1 << 20, null);
    }
}
