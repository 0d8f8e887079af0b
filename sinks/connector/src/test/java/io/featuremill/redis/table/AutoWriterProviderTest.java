package io.featuremill.redis.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.OperatorIDPair;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.SinkTransformation;
import org.apache.flink.table.api.bridge.java.StreamStatementSet;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which writer a job has under {@code 'writer' = 'auto'}, and that its operator is the one that a named writer has. */
class AutoWriterProviderTest {

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
        Transformation<?> sink = sink(source, "");
        assertThat(sink.getName()).isEqualTo("redis");
        assertThat(sink.getDescription()).isEqualTo("redis: " + writer + " writer to redis://u@redis:6379/0");
    }

    /** The ids are what state goes by; without a uid they come from the operator's place in the graph. */
    @ParameterizedTest
    @CsvSource({"kafka, ALWAYS, 0", "kafka, DISABLED, 0", "files, ALWAYS, 0", "files, DISABLED, 0", "files, ALWAYS, 2"})
    void theOperatorIsTheOneOfANamedWriter(String source, String uids, int parallelism) throws Exception {
        Sketch auto = sketch("auto", source, uids, parallelism);
        assertThat(auto).isEqualTo(sketch("stream", source, uids, parallelism));
        assertThat(auto.uid == null).isEqualTo(uids.equals("DISABLED"));
        assertThat(auto.parallelism).isEqualTo(parallelism == 0 ? 4 : parallelism);
        assertThat(auto.parallelismConfigured).isEqualTo(parallelism > 0);
    }

    private record Sketch(String uid, int parallelism, boolean parallelismConfigured, Set<String> vertices) {}

    private Sketch sketch(String writer, String source, String uids, int parallelism) throws Exception {
        start("streaming");
        tables.getConfig().set("table.exec.uid.generation", uids);
        tables.getConfig().set("table.exec.uid.format", "<transformation>");
        Transformation<?> sink =
                sink(source, ", 'writer' = '" + writer + "'" + (parallelism == 0 ? "" : ", 'sink.parallelism' = '" + parallelism + "'"));
        Set<String> vertices = new HashSet<>();
        for (JobVertex vertex : environment.getStreamGraph().getJobGraph().getVertices()) {
            vertices.add(vertex.getParallelism() + " of "
                    + vertex.getOperatorIDs().stream().map(OperatorIDPair::getGeneratedOperatorID).toList());
        }
        return new Sketch(sink.getUid(), sink.getParallelism(), sink.isParallelismConfigured(), vertices);
    }

    @Test
    void inBatchModeThePlannerSays() throws Exception {
        start("batch");
        assertThat(sink("files", "").getDescription()).contains("Sink(table=[default_catalog.default_database.redis]");
    }

    private Transformation<?> sink(String source, String options) {
        tables.executeSql("CREATE TEMPORARY TABLE redis (" + COLUMNS + ") WITH ('connector' = 'featuremill-redis', 'host' = 'redis',"
                + " 'username' = 'u', 'password' = 'open sesame', 'on-bad-row' = 'fail'" + options + ")");
        StreamStatementSet statements = tables.createStatementSet();
        statements.addInsertSql("INSERT INTO redis SELECT k, TO_TIMESTAMP_LTZ(0, 3), MAP['n', k], 'p', CAST(NULL AS BIGINT),"
                + " CAST(0 AS BIGINT) FROM " + source);
        statements.attachAsDataStream();
        return environment.getTransformations().stream().filter(SinkTransformation.class::isInstance).findFirst().orElseThrow();
    }
}
