package io.featuremill.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SQL over the source and into the sink, on an embedded cluster. */
class CasesTableTest {

    private static final String HOURS = "SELECT origin, CAST(window_end AS STRING), COUNT(*)"
            + " FROM TABLE(TUMBLE(TABLE departures, DESCRIPTOR(left_at), INTERVAL '1' HOUR)) GROUP BY origin, window_start, window_end";

    @TempDir
    Path folder;

    private StreamTableEnvironment tables;

    @BeforeEach
    void start() {
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment(Configuration.fromMap(
                Map.of("restart-strategy.type", "none", "table.local-time-zone", "UTC")));
        environment.setParallelism(1);
        tables = StreamTableEnvironment.create(environment);
    }

    @Test
    void theTablesOwnWatermarkDecidesAfterEveryRowWhichAreLate() throws Exception {
        departures(row("JFK", "06:10"), row("JFK", "06:59"), row("JFK", "06:20"), row("JFK", "07:05"), row("JFK", "06:30"));
        assertThat(result("h STRING, t STRING, n BIGINT", HOURS)).containsExactly(
                "{\"h\":\"JFK\",\"t\":\"2013-01-01 07:00:00.000\",\"n\":3}",
                "{\"h\":\"JFK\",\"t\":\"2013-01-01 08:00:00.000\",\"n\":1}");
    }

    @Test
    void aLineMovesTimeBeyondTheTablesOwnWatermark() throws Exception {
        departures(row("JFK", "06:10"), "{\"@watermark\": \"2013-01-01T07:00:00Z\"}", row("JFK", "06:20"), "", row("LGA", "07:00"));
        assertThat(result("h STRING, t STRING, n BIGINT", HOURS)).containsExactly(
                "{\"h\":\"JFK\",\"t\":\"2013-01-01 07:00:00.000\",\"n\":1}",
                "{\"h\":\"LGA\",\"t\":\"2013-01-01 08:00:00.000\",\"n\":1}");
    }

    @Test
    void anIdleTableStillEndsItsTime() throws Exception {
        departures(row("JFK", "06:10"), "{\"@idle\": true}");
        assertThat(result("h STRING, t STRING, n BIGINT", HOURS)).hasSize(1);
    }

    @Test
    void metadataComesFromTheRow() throws Exception {
        write("events", "{\"k\": \"a\", \"moved\": \"2013-01-01T06:00:00Z\", \"topic\": \"t\", \"part\": 3}");
        tables.executeSql("CREATE TABLE events (k STRING, moved TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',"
                + " topic STRING METADATA VIRTUAL, part INT METADATA FROM 'partition', doubled AS part * 2,"
                + " WATERMARK FOR moved AS moved) WITH ('connector' = 'featuremill-cases', 'path' = '"
                + folder.resolve("events") + "')");
        assertThat(result("k STRING, moved STRING, topic STRING, part INT, doubled INT",
                        "SELECT k, CAST(moved AS STRING), topic, part, doubled FROM events"))
                .containsExactly("{\"k\":\"a\",\"moved\":\"2013-01-01 06:00:00.000\",\"topic\":\"t\",\"part\":3,\"doubled\":6}");
        assertThat(result("k STRING", "SELECT k FROM events")).containsExactly("{\"k\":\"a\"}");
    }

    @Test
    void rowsOfAnUpsertTableTakeEachOthersPlace() throws Exception {
        write("counts", "{\"k\": \"a\", \"n\": 1}", "{\"k\": \"b\", \"n\": 5}", "{\"@kind\": \"+U\", \"k\": \"a\", \"n\": 2}",
                "{\"@kind\": \"-D\", \"k\": \"b\", \"n\": null}");
        tables.executeSql("CREATE TABLE counts (k STRING, n INT, PRIMARY KEY (k) NOT ENFORCED) WITH ("
                + "'connector' = 'featuremill-cases', 'changes' = 'upsert', 'path' = '" + folder.resolve("counts") + "')");
        tables.executeSql("CREATE TEMPORARY VIEW total AS SELECT SUM(n) AS n FROM counts");
        assertThat(result("op STRING, n INT", "SELECT op, n FROM TO_CHANGELOG(input => TABLE total)"))
                .endsWith("{\"op\":\"UPDATE_AFTER\",\"n\":2}");
    }

    @Test
    void aBadLineIsNamedByFileAndNumber() throws Exception {
        departures(row("JFK", "06:10"), "", "{\"origin\": 7, \"left_at\": null}");
        assertThatThrownBy(() -> result("h STRING, t STRING, n BIGINT", HOURS))
                .hasRootCauseInstanceOf(BadLineException.class)
                .rootCause().hasMessage(folder.resolve("departures") + ":3: `origin` is STRING, not 7");
    }

    private static String row(String origin, String at) {
        return "{\"origin\": \"" + origin + "\", \"left_at\": \"2013-01-01T" + at + ":00Z\"}";
    }

    private void departures(String... lines) throws Exception {
        write("departures", lines);
        tables.executeSql("CREATE TABLE departures (origin STRING, left_at TIMESTAMP_LTZ(3),"
                + " WATERMARK FOR left_at AS left_at - INTERVAL '5' MINUTE) WITH ('connector' = 'featuremill-cases', 'path' = '"
                + folder.resolve("departures") + "')");
    }

    private void write(String file, String... lines) throws Exception {
        Files.write(folder.resolve(file), List.of(lines));
    }

    private List<String> result(String columns, String query) throws Exception {
        Path file = folder.resolve("result");
        tables.executeSql("DROP TABLE IF EXISTS came_out");
        tables.executeSql("CREATE TABLE came_out (" + columns + ") WITH ('connector' = 'featuremill-cases', 'format' = 'json',"
                + " 'path' = '" + file + "')");
        tables.executeSql("INSERT INTO came_out " + query).await();
        return Files.readAllLines(file);
    }
}
