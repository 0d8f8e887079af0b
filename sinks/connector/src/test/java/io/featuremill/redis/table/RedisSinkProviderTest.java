package io.featuremill.redis.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.OperatorIDPair;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.streaming.api.transformations.SinkTransformation;
import org.apache.flink.table.api.bridge.java.StreamStatementSet;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which writer a job has under {@code 'writer' = 'auto'}, that its operator is the planner's, and how rows get to it. */
class RedisSinkProviderTest {

    private static final String COLUMNS = "entity_key STRING NOT NULL, event_time TIMESTAMP_LTZ(3) NOT NULL,"
            + " features MAP<STRING NOT NULL, STRING>, pipeline STRING NOT NULL, ttl_ms BIGINT, sequence BIGINT NOT NULL";

    private StreamExecutionEnvironment environment;
    private StreamTableEnvironment tables;

    @TempDir
    Path folder;

    private void start(String mode) throws Exception {
        environment = StreamExecutionEnvironment.getExecutionEnvironment(
                Configuration.fromMap(Map.of("execution.runtime-mode", mode, "parallelism.default", "4")));
        tables = StreamTableEnvironment.create(environment);
        Files.writeString(folder.resolve("rows.jsonl"), "{}\n");
        String files = "'connector' = 'filesystem', 'format' = 'json', 'path' = '" + folder.toUri() + "'";
        String kafka = "'connector' = 'kafka', 'format' = 'json', 'topic' = 't', 'properties.bootstrap.servers' = 'kafka:9092',"
                + " 'scan.startup.mode' = 'earliest-offset'";
        source("files", files);
        source("watched_files", files + ", 'source.monitor-interval' = '1 s'");
        source("kafka", kafka);
        source("kafka_until_now", kafka + ", 'scan.bounded.mode' = 'latest-offset'");
        source("some_rows", "'connector' = 'datagen', 'number-of-rows' = '5'");
        source("endless_rows", "'connector' = 'datagen'");
        tables.executeSql("CREATE TEMPORARY TABLE timed (k STRING, t TIMESTAMP_LTZ(3), WATERMARK FOR t AS t) WITH (" + files + ")");
    }

    private void views() {
        tables.createTemporaryView("numbers", environment.fromSequence(0, 9).map(n -> "" + n));
        tables.executeSql("CREATE TEMPORARY VIEW stream_that_ends AS SELECT f0 AS k FROM numbers");
        tables.executeSql("CREATE TEMPORARY VIEW both_end AS SELECT k FROM some_rows UNION ALL SELECT k FROM files");
        tables.executeSql("CREATE TEMPORARY VIEW one_ends AS SELECT k FROM some_rows UNION ALL SELECT k FROM endless_rows");
        tables.executeSql("CREATE TEMPORARY VIEW joined AS SELECT files.k AS k FROM files JOIN kafka ON files.k = kafka.k");
        tables.executeSql("CREATE TEMPORARY VIEW doesnt_say AS SELECT 'k' AS k"); // Flink makes a source of it that says nothing
    }

    private void source(String name, String options) {
        tables.executeSql("CREATE TEMPORARY TABLE " + name + " (k STRING) WITH (" + options + ")");
    }

    @ParameterizedTest
    @CsvSource({
        "files,            batch",
        "kafka_until_now,  batch",
        "some_rows,        batch",
        "stream_that_ends, batch",
        "both_end,         batch",
        "watched_files,    stream",
        "kafka,            stream",
        "endless_rows,     stream",
        "one_ends,         stream",
        "joined,           stream",
        "doesnt_say,       stream",
    })
    void theSourcesChoose(String source, String writer) throws Exception {
        start("streaming");
        views();
        Transformation<?> sink = sink("featuremill-redis", source, "");
        assertThat(sink.getName()).isEqualTo("redis");
        assertThat(sink.getDescription()).isEqualTo("redis: " + writer + " writer to redis://u@redis:6379/0");
    }

    /**
     * The ids are what state goes by; without a uid they come from the operator's place in the graph. The forgetful sink has the
     * planner make its operator, as the first release did for a named writer.
     */
    @ParameterizedTest
    @CsvSource({"kafka, ALWAYS, 0", "kafka, DISABLED, 0", "files, ALWAYS, 0", "files, DISABLED, 0", "files, ALWAYS, 2",
            "files, DISABLED, 2", "timed, DISABLED, 0"})
    void theOperatorIsThePlanners(String source, String uids, int parallelism) throws Exception {
        Sketch planners = sketch("featuremill-redis-forgetful", "stream", source, uids, parallelism);
        for (String writer : List.of("auto", "stream", "batch")) {
            assertThat(sketch("featuremill-redis", writer, source, uids, parallelism)).as(writer).isEqualTo(planners);
        }
        assertThat(planners.uid == null).isEqualTo(uids.equals("DISABLED"));
        assertThat(planners.parallelism).isEqualTo(parallelism == 0 ? 4 : parallelism);
        assertThat(planners.parallelismConfigured).isEqualTo(parallelism > 0);
    }

    private record Sketch(String uid, int parallelism, boolean parallelismConfigured, Set<String> vertices) {}

    private Sketch sketch(String connector, String writer, String source, String uids, int parallelism) throws Exception {
        start("streaming");
        tables.getConfig().set("table.exec.uid.generation", uids);
        tables.getConfig().set("table.exec.uid.format", "<transformation>");
        Transformation<?> sink = sink(connector, source, ", 'writer' = '" + writer + "'" + parallelism(parallelism));
        Set<String> vertices = new HashSet<>();
        for (JobVertex vertex : environment.getStreamGraph().getJobGraph().getVertices()) {
            vertices.add(vertex.getParallelism() + " of "
                    + vertex.getOperatorIDs().stream().map(OperatorIDPair::getGeneratedOperatorID).toList());
        }
        return new Sketch(sink.getUid(), sink.getParallelism(), sink.isParallelismConfigured(), vertices);
    }

    private static String parallelism(int parallelism) {
        return parallelism == 0 ? "" : ", 'sink.parallelism' = '" + parallelism + "'";
    }

    /** With as many writers as subtasks nothing comes between, else the key decides, and the planner before it nothing. */
    @ParameterizedTest
    @CsvSource({
        "featuremill-redis,           files, 0, FORWARD",
        "featuremill-redis,           files, 4, FORWARD",
        "featuremill-redis,           files, 2, HASH",
        "featuremill-redis,           files, 8, HASH",
        "featuremill-redis,           timed, 0, FORWARD",
        "featuremill-redis,           timed, 2, HASH",
        "featuremill-redis-forgetful, files, 2, REBALANCE", // the control: what the planner does
        "featuremill-redis-forgetful, timed, 2, REBALANCE",
    })
    void rowsGetToTheirWriter(String connector, String source, int parallelism, String way) throws Exception {
        start("streaming");
        sink(connector, source, parallelism(parallelism));
        Set<String> otherWays = new HashSet<>();
        for (StreamNode node : environment.getStreamGraph().getStreamNodes()) {
            node.getInEdges().forEach(edge -> otherWays.add(edge.getPartitioner().toString()));
            assertThat(node.getParallelism()).isIn(4, parallelism);
        }
        otherWays.remove("FORWARD");
        assertThat(otherWays).isEqualTo(way.equals("FORWARD") ? Set.of() : Set.of(way));
    }

    @Test
    void inBatchModeThePlannerSays() throws Exception {
        start("batch");
        tables.executeSql("CREATE TEMPORARY VIEW doesnt_say AS SELECT 'k' AS k");
        assertThat(sink("featuremill-redis", "doesnt_say", "").getDescription()).startsWith("redis: batch writer to ");
    }

    private Transformation<?> sink(String connector, String source, String options) {
        tables.executeSql("CREATE TEMPORARY TABLE redis (" + COLUMNS + ") WITH ('connector' = '" + connector + "', 'host' = 'redis',"
                + " 'username' = 'u', 'password' = 'open sesame', 'on-bad-row' = 'fail'" + options + ")");
        StreamStatementSet statements = tables.createStatementSet();
        String time = source.equals("timed") ? "t" : "TO_TIMESTAMP_LTZ(0, 3)";
        statements.addInsertSql("INSERT INTO redis SELECT k, " + time + ", MAP['n', k], 'p', CAST(NULL AS BIGINT),"
                + " CAST(0 AS BIGINT) FROM " + source);
        statements.attachAsDataStream();
        return environment.getTransformations().stream().filter(SinkTransformation.class::isInstance).findFirst().orElseThrow();
    }
}
