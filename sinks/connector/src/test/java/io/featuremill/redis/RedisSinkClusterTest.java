package io.featuremill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.featuremill.redis.deadletter.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.Jedis;

/** SQL on an embedded cluster, into a real server. */
class RedisSinkClusterTest {

    private static final String COLUMNS = "entity_key STRING NOT NULL, event_time TIMESTAMP_LTZ(3) NOT NULL,"
            + " features MAP<STRING NOT NULL, STRING>, pipeline STRING NOT NULL, ttl_ms BIGINT, sequence BIGINT NOT NULL";
    private static RealRedis server;
    private Jedis redis;
    private StreamExecutionEnvironment environment;
    private StreamTableEnvironment tables;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        server = new RealRedis();
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
        environment = StreamExecutionEnvironment.getExecutionEnvironment(Configuration.fromMap(Map.of(
                "execution.checkpointing.interval", "100 ms",
                "execution.checkpointing.dir", folder.resolve("checkpoints").toUri().toString(),
                "restart-strategy.type", "none",
                "table.local-time-zone", "UTC")));
        environment.setParallelism(1);
        tables = StreamTableEnvironment.create(environment);
    }

    @AfterEach
    void disconnect() {
        redis.close();
    }

    @Test
    void rowsOfABoundedInputArriveWithRemovalsAndTimesToLive() throws Exception {
        for (String writer : List.of("auto", "batch")) {
            redis.flushAll();
            source(
                    line("airport:JFK", "06:00", "{\"departures\":\"17\",\"delay\":\"1.5\"}", "p", "60000", 1),
                    line("airport:LGA", "06:00", "{\"departures\":\"3\",\"delay\":null}", "p", "null", 2),
                    line("airport:JFK", "06:10", "{\"departures\":\"18\",\"delay\":null}", "p", "60000", 3),
                    line("airport:EWR", "06:00", "{\"departures\":\"1\",\"delay\":\"2\"}", "p", "60000", 4),
                    line("airport:EWR", "06:10", "{\"departures\":null,\"delay\":null}", "p", "60000", 5),
                    line("airport:JFK", "05:00", "{\"other\":\"x\"}", "q", "90000", 0));
            sink(writer);
            tables.executeSql("INSERT INTO redis SELECT * FROM source").await();
            assertThat(redis.hgetAll("airport:JFK")).as(writer).isEqualTo(
                    Map.of("departures", "18", "@p", millis("06:10") + "-3", "other", "x", "@q", millis("05:00") + "-0"));
            assertThat(redis.hgetAll("airport:LGA")).as(writer).isEqualTo(Map.of("departures", "3", "@p", millis("06:00") + "-2"));
            assertThat(redis.hgetAll("airport:EWR")).as(writer).isEqualTo(Map.of("@p", millis("06:10") + "-5"));
            assertThat(redis.pttl("airport:JFK")).as(writer).isBetween(60_001L, 90_000L);
            assertThat(redis.pttl("airport:EWR")).as(writer).isBetween(30_000L, 60_000L);
            assertThat(redis.pttl("airport:LGA")).as(writer).isEqualTo(-1);
            // Once more, as a replay brings it: oldest first.
            redis.hset("airport:JFK", "@p", millis("06:10") + "-3");
            tables.executeSql("INSERT INTO redis SELECT * FROM source WHERE event_time < TIMESTAMP '2013-01-01 06:10:00'").await();
            assertThat(redis.hget("airport:JFK", "departures")).as(writer).isEqualTo("18");
            assertThat(redis.hgetAll("airport:EWR")).as(writer).isEqualTo(Map.of("@p", millis("06:10") + "-5"));
        }
    }

    @Test
    void manyRowsBySeveralWritersAllArrive() throws Exception {
        tables.executeSql("CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'fields.n.kind' = 'sequence',"
                + " 'fields.n.start' = '0', 'fields.n.end' = '19999')");
        for (String writer : List.of("stream", "batch")) {
            redis.flushAll();
            sink(writer, "'sink.parallelism' = '2', 'flush.max-rows' = '700'");
            tables.executeSql("INSERT INTO redis SELECT 'k:' || CAST(MOD(n, 5000) AS STRING), TO_TIMESTAMP_LTZ(n, 3),"
                    + " MAP['n', CAST(n AS STRING)], 'p', CAST(NULL AS BIGINT), n FROM numbers").await();
            assertThat(redis.dbSize()).as(writer).isEqualTo(5000);
            for (int key = 0; key < 5000; key++) {
                int last = 15_000 + key;
                assertThat(redis.hmget("k:" + key, "n", "@p")).as(writer).containsExactly("" + last, last + "-" + last);
            }
        }
    }

    @Test
    void withoutTheGuardTheLastToArriveWins() throws Exception {
        source(
                line("airport:JFK", "06:10", "{\"departures\":\"18\",\"delay\":\"1\"}", "p", "60000", 2),
                line("airport:JFK", "06:00", "{\"departures\":\"17\",\"delay\":null}", "p", "30000", 1));
        for (String maxRows : List.of("1", "100")) { // one after the other, and together
            redis.flushAll();
            sink("auto", "'write.guard' = 'none', 'flush.max-rows' = '" + maxRows + "'");
            tables.executeSql("INSERT INTO redis SELECT * FROM source").await();
            assertThat(redis.hgetAll("airport:JFK")).isEqualTo(Map.of("departures", "17", "@p", millis("06:00") + "-1"));
            assertThat(redis.pttl("airport:JFK")).isBetween(1L, 30_000L);
        }
    }

    @Test
    void aRowThatRedisRefusesIsADeadLetterAndTheOthersArrive() throws Exception {
        redis.set("airport:JFK", "not a hash");
        source(
                line("airport:JFK", "06:00", "{\"departures\":\"17\"}", "p", "60000", 1),
                line("airport:LGA", "06:00", "{\"departures\":\"3\"}", "p", "60000", 2),
                line("airport:EWR", "06:00", "{\"departures\":\"3\"}", "Not a pipeline", "60000", 3));
        RedisSinkConfig config = new RedisSinkConfig(server.connector(), new RetryPolicy(3, Duration.ofMillis(10), Duration.ofMillis(10)),
                false, true, 1, 100, 1 << 20, Duration.ofMillis(100), 1 << 20, RecordedLetters::new);
        DataType row = DataTypes.ROW(tables.from("source").getResolvedSchema().getColumns().stream()
                .map(column -> DataTypes.FIELD(column.getName(), column.getDataType())).toList()).bridgedTo(RowData.class);
        tables.<RowData>toDataStream(tables.from("source"), row).sinkTo(new RedisSink(config));
        environment.execute();
        assertThat(redis.get("airport:JFK")).isEqualTo("not a hash");
        assertThat(redis.hget("airport:LGA", "departures")).isEqualTo("3");
        assertThat(RecordedLetters.ARRIVED).extracting("reason").containsExactlyInAnyOrder(Reason.WRONG_TYPE, Reason.BAD_PIPELINE);
    }

    /** All that is not in Redis when the job fails is in the state; a sink that leaves it out (the control) loses rows. */
    @ParameterizedTest
    @CsvSource({
        "featuremill-redis,           batch,  CAST(f0 AS STRING),   true",
        "featuremill-redis-forgetful, batch,  CAST(f0 AS STRING),   false",
        "featuremill-redis,           stream, CAST(NULL AS STRING), true", // removals, which wait
        "featuremill-redis-forgetful, stream, CAST(NULL AS STRING), false",
    })
    void whatIsBufferedSurvivesAFailure(String connector, String writer, String value, boolean survives) throws Exception {
        tables.getConfig().set("restart-strategy.type", "fixed-delay");
        tables.getConfig().set("restart-strategy.fixed-delay.delay", "10 ms");
        FailOnce.failed = false;
        tables.createTemporaryView("numbers", environment.fromSequence(0, 1999).map(new FailOnce()));
        sink(writer, "'flush.max-rows' = '10000', 'flush.interval' = '1 min'");
        tables.executeSql("ALTER TABLE redis SET ('connector' = '" + connector + "')");
        tables.executeSql("INSERT INTO redis SELECT 'k:' || CAST(f0 AS STRING), TO_TIMESTAMP_LTZ(f0, 3),"
                + " MAP['n', " + value + "], 'p', CAST(NULL AS BIGINT), f0 FROM numbers").await();
        assertThat(FailOnce.failed).isTrue();
        if (survives) {
            assertThat(redis.dbSize()).isEqualTo(2000);
        } else {
            assertThat(redis.dbSize()).isBetween(1L, 1999L);
        }
    }

    /** Lets rows pass slowly, and fails soon after a checkpoint. */
    public static final class FailOnce implements MapFunction<Long, Long>, CheckpointListener {
        private static volatile boolean failed;
        private static volatile int completed;
        private int seen;

        @Override
        public Long map(Long number) throws InterruptedException {
            if (seen++ == 0) {
                completed = 0;
            }
            if (seen % 10 == 0) {
                Thread.sleep(5);
            }
            if (!failed && completed >= 2) {
                failed = true;
                throw new IllegalStateException("A failure in the middle");
            }
            return number;
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            completed++;
        }
    }

    private void source(String... lines) throws Exception {
        Path file = folder.resolve("rows.jsonl");
        Files.write(file, new ArrayList<>(List.of(lines)));
        tables.executeSql("DROP TABLE IF EXISTS source");
        tables.executeSql("CREATE TABLE source (" + COLUMNS + ") WITH ('connector' = 'filesystem', 'path' = '" + file.toUri()
                + "', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601')");
    }

    private void sink(String writer, String... more) {
        tables.executeSql("DROP TABLE IF EXISTS redis");
        tables.executeSql("CREATE TABLE redis (" + COLUMNS + ") WITH ('connector' = 'featuremill-redis', 'host' = '127.0.0.1',"
                + " 'port' = '" + server.port + "', 'writer' = '" + writer + "', 'on-bad-row' = 'fail'"
                + (more.length == 0 ? "" : ", " + more[0]) + ")");
    }

    private static String line(String key, String time, String features, String pipeline, String ttlMs, long sequence) {
        return "{\"entity_key\":\"" + key + "\",\"event_time\":\"2013-01-01T" + time + ":00Z\",\"features\":" + features
                + ",\"pipeline\":\"" + pipeline + "\",\"ttl_ms\":" + ttlMs + ",\"sequence\":" + sequence + "}";
    }

    private static long millis(String time) {
        return Instant.parse("2013-01-01T" + time + ":00Z").toEpochMilli();
    }
}
