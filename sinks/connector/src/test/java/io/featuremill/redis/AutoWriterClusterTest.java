package io.featuremill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/**
 * What {@code 'writer' = 'auto'} does in streaming mode. A stream writer's rows are in Redis at each checkpoint, a batch writer's
 * wait for the end, since here they are few.
 */
@Timeout(60)
class AutoWriterClusterTest {

    private RealRedis server;
    private StreamTableEnvironment tables;

    @TempDir
    Path folder;

    @BeforeEach
    void start() {
        server = new RealRedis();
        Watch.port = server.port;
        Watch.completed = 0;
        Watch.keysAtARow = -1;
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(Configuration.fromMap(Map.of(
                "execution.checkpointing.interval", "100 ms",
                "execution.checkpointing.dir", folder.toUri().toString(),
                "restart-strategy.type", "none",
                "parallelism.default", "1")));
        tables = StreamTableEnvironment.create(environment);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void anInputThatEndsHasTheBatchWriter() throws Exception {
        insert(", 'number-of-rows' = '60'").await();
        assertThat(Watch.completed).isGreaterThan(2);
        assertThat(Watch.keysAtARow).isZero();
        try (Jedis redis = server.client()) {
            assertThat(redis.dbSize()).isEqualTo(60);
        }
    }

    @Test
    void anInputThatGoesOnHasTheStreamWriter() throws Exception {
        TableResult job = insert("");
        while (Watch.keysAtARow <= 0) {
            assertThat(job.getJobClient().orElseThrow().getJobStatus().get().isTerminalState()).isFalse();
            RealRedis.sleep(20);
        }
        job.getJobClient().orElseThrow().cancel().get();
    }

    private TableResult insert(String rows) {
        tables.executeSql("CREATE TABLE source (k STRING) WITH ('connector' = 'datagen', 'rows-per-second' = '20'" + rows + ")");
        tables.createTemporaryView("watched", tables.toDataStream(tables.from("source")).map(new Watch()));
        tables.executeSql("CREATE TABLE redis (entity_key STRING NOT NULL, event_time TIMESTAMP_LTZ(3) NOT NULL,"
                + " features MAP<STRING NOT NULL, STRING>, pipeline STRING NOT NULL, ttl_ms BIGINT, sequence BIGINT NOT NULL) WITH ("
                + "'connector' = 'featuremill-redis', 'host' = '127.0.0.1', 'port' = '" + server.port + "', 'on-bad-row' = 'fail')");
        return tables.executeSql("INSERT INTO redis SELECT f0, TO_TIMESTAMP_LTZ(0, 3), MAP['n', '1'], 'p', CAST(NULL AS BIGINT),"
                + " CAST(0 AS BIGINT) FROM watched");
    }

    /** Looks at each row how many keys are in Redis, from the third checkpoint on. */
    public static final class Watch implements MapFunction<Row, String>, CheckpointListener {
        private static volatile int port;
        private static volatile int completed;
        private static volatile long keysAtARow;

        @Override
        public String map(Row row) {
            if (completed > 2) {
                try (Jedis redis = new Jedis("127.0.0.1", port)) {
                    keysAtARow = Math.max(keysAtARow, redis.dbSize());
                }
            }
            return row.getFieldAs(0);
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            completed++;
        }
    }
}
