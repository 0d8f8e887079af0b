package io.featuremill.redis.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person reads who got a table or an option wrong, asked of the planner itself. */
class RedisTableFactoryTest {

    private static final String COLUMNS = "entity_key STRING NOT NULL, event_time TIMESTAMP_LTZ(3) NOT NULL,"
            + " features MAP<STRING NOT NULL, STRING>, pipeline STRING NOT NULL, ttl_ms BIGINT, sequence BIGINT NOT NULL";
    private static final String LETTERS = "'dead-letter.topic' = 't', 'dead-letter.bootstrap-servers' = 'kafka:9092'";
    private static TableEnvironment tables;

    @BeforeAll
    static void start() {
        tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    }

    @Test
    void theTableOfTheContractIsTaken() {
        assertThat(plan(COLUMNS, LETTERS)).contains("Sink(table=[default_catalog.default_database.redis]");
    }

    @Test
    void allOptionsTogetherAreTaken() {
        plan(COLUMNS, LETTERS + ", 'port' = '6380', 'username' = 'u', 'password' = 'a,b', 'database' = '2', 'connect.timeout' = '1 s',"
                + " 'request.timeout' = '2 s', 'connections' = '4', 'retry.max-attempts' = '3', 'retry.initial-backoff' = '10 ms',"
                + " 'retry.max-backoff' = '1 s', 'writer' = 'batch', 'flush.max-rows' = '5', 'flush.max-bytes' = '1 mb',"
                + " 'tls.enabled' = 'true', 'tls.ca-file' = '/a', 'tls.certificate-file' = '/b', 'tls.key-file' = '/c',"
                + " 'flush.interval' = '50 ms', 'write.guard' = 'event-time', 'on-bad-row' = 'dead-letter',"
                + " 'dead-letter.timeout' = '5 s', 'sink.parallelism' = '1'");
    }

    @Test
    void withoutDeadLettersNoTopicIsNeeded() {
        plan(COLUMNS, "'on-bad-row' = 'fail'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "'port' = '0'                     | Option 'port' must be between 1 and 65535.",
        "'port' = '65536'                 | Option 'port' must be between 1 and 65535.",
        "'host' = ' '                     | Option 'host' must not be empty.",
        "'database' = '-1'                | Option 'database' must not be negative.",
        "'unix-socket' = '/run/redis'     | Option 'host' goes without 'unix-socket' beside it.",
        "'unix-socket' = 'run/redis'      | Option 'unix-socket' must be an absolute path.",
        "'unix-socket' = ''               | Option 'unix-socket' must not be empty.",
        "'tls.ca-file' = '/ca.pem'        | Option 'tls.ca-file' needs 'tls.enabled' = 'true' beside it.",
        "'tls.certificate-file' = '/c', 'tls.key-file' = '/k' | Option 'tls.certificate-file' needs 'tls.enabled' = 'true' beside it.",
        "'tls.enabled' = 'false', 'tls.ca-file' = '/ca.pem' | Option 'tls.ca-file' needs 'tls.enabled' = 'true' beside it.",
        "'tls.enabled' = 'true', 'tls.ca-file' = '' | Option 'tls.ca-file' must not be empty.",
        "'tls.enabled' = 'true', 'tls.certificate-file' = ' ', 'tls.key-file' = '/k' | Option 'tls.certificate-file' must not be empty.",
        "'tls.enabled' = 'true', 'tls.certificate-file' = '/c', 'tls.key-file' = ' ' | Option 'tls.key-file' must not be empty.",
        "'tls.enabled' = 'true', 'tls.key-file' = '/k' | Option 'tls.key-file' needs 'tls.certificate-file' beside it.",
        "'tls.enabled' = 'true', 'tls.certificate-file' = '/c' | Option 'tls.certificate-file' needs 'tls.key-file' beside it.",
        "'username' = 'u'                 | Option 'username' needs 'password' beside it.",
        "'connect.timeout' = '0 s'        | Option 'connect.timeout' must be between 1 ms and 24 days.",
        "'request.timeout' = '0 s'        | Option 'request.timeout' must be between 1 ms and 24 days.",
        "'connections' = '0'              | Option 'connections' must be at least 1.",
        "'retry.max-attempts' = '0'       | Option 'retry.max-attempts' must be at least 1.",
        "'request.timeout' = '25 d'       | Option 'request.timeout' must be between 1 ms and 24 days.",
        "'retry.initial-backoff' = '0 s'  | Option 'retry.initial-backoff' must be between 1 ms and 24 days.",
        "'retry.initial-backoff' = '6 s'  | Option 'retry.max-backoff' must not be shorter than 'retry.initial-backoff'.",
        "'retry.max-backoff' = '0 s'      | Option 'retry.max-backoff' must be between 1 ms and 24 days.",
        "'retry.max-backoff' = '1 ms'     | Option 'retry.max-backoff' must not be shorter than 'retry.initial-backoff'.",
        "'flush.max-rows' = '0'           | Option 'flush.max-rows' must be at least 1.",
        "'flush.max-bytes' = '0 b'        | Option 'flush.max-bytes' must be at least 1 byte.",
        "'flush.interval' = '0 ms'        | Option 'flush.interval' must be between 1 ms and 24 days.",
        "'write.guard' = 'maybe'          | write.guard",
        "'dead-letter.timeout' = '0 s'    | Option 'dead-letter.timeout' must be between 1 ms and 24 days.",
        "'dead-letter.topic' = ''         | Option 'dead-letter.topic' is needed while 'on-bad-row' is 'dead-letter'",
        "'dead-letter.bootstrap-servers' = ' ' | Option 'dead-letter.bootstrap-servers' is needed while 'on-bad-row' is 'dead-letter'",
        "'writer' = 'fast'                | writer",
        "'on-bad-row' = 'ignore'          | on-bad-row",
        "'hots' = 'x'                     | Unsupported options:",
    })
    void aWrongOptionIsNamed(String option, String message) {
        assertThatThrownBy(() -> plan(COLUMNS, LETTERS + ", " + option))
                .satisfies(e -> assertThat(messages(e)).contains(message));
    }

    @Test
    void aUnixSocketStandsInForTheHostAlone() {
        plan(COLUMNS, LETTERS + ", 'unix-socket' = '/run/redis.sock'", "");
        String socket = LETTERS + ", 'unix-socket' = '/run/redis.sock'";
        for (String option : List.of("'port' = '6379'", "'tls.enabled' = 'true'")) {
            assertThatThrownBy(() -> plan(COLUMNS, socket + ", " + option, ""))
                    .satisfies(e -> assertThat(messages(e)).contains("goes without 'unix-socket' beside it."));
        }
        assertThatThrownBy(() -> plan(COLUMNS, LETTERS, ""))
                .satisfies(e -> assertThat(messages(e)).contains("Option 'host' is needed, or 'unix-socket' instead."));
    }

    @Test
    void deadLettersNeedAPlace() {
        assertThatThrownBy(() -> plan(COLUMNS, "'port' = '1'"))
                .satisfies(e -> assertThat(messages(e)).contains(
                        "Option 'dead-letter.topic' is needed while 'on-bad-row' is 'dead-letter': set it, or 'on-bad-row' = 'fail'."));
        assertThatThrownBy(() -> plan(COLUMNS, "'dead-letter.topic' = 't'"))
                .satisfies(e -> assertThat(messages(e)).contains("Option 'dead-letter.bootstrap-servers' is needed"));
    }

    @Test
    void whatIsAtTheEdgeOfARuleIsTaken() {
        plan(COLUMNS, LETTERS + ", 'port' = '65535', 'database' = '0', 'connect.timeout' = '1 ms', 'request.timeout' = '24 d',"
                + " 'connections' = '1', 'retry.max-attempts' = '1', 'retry.initial-backoff' = '5 s', 'retry.max-backoff' = '5 s',"
                + " 'flush.max-rows' = '1', 'flush.max-bytes' = '1 b', 'flush.interval' = '1 ms', 'password' = 'x', 'tls.enabled' = 'true'");
        plan(COLUMNS, "'on-bad-row' = 'fail', 'unix-socket' = '/run/redis.sock', 'tls.enabled' = 'false'", "");
    }

    @Test
    void aPasswordIsInNoMessage() {
        assertThatThrownBy(() -> plan(COLUMNS, LETTERS + ", 'password' = 'open sesame', 'port' = '0'"))
                .satisfies(e -> assertThat(messages(e)).doesNotContain("open sesame").contains("'password'='******'"));
    }

    @Test
    void aPasswordIsInNoPlan() {
        assertThat(plan(COLUMNS, LETTERS + ", 'password' = 'open sesame'")).doesNotContain("open sesame");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "entity_key STRING NOT NULL               | entity_key STRING                | column 'entity_key' is STRING and must be STRING NOT NULL",
        "event_time TIMESTAMP_LTZ(3)              | event_time TIMESTAMP(3)          | column 'event_time' is TIMESTAMP(3) NOT NULL and must be TIMESTAMP_LTZ(3) NOT NULL",
        "MAP<STRING NOT NULL, STRING>             | MAP<STRING NOT NULL, DOUBLE>     | column 'features' is MAP<STRING NOT NULL, DOUBLE> and must be MAP<STRING NOT NULL, STRING>",
        "', ttl_ms BIGINT'                        | ''                               | column 'ttl_ms' is missing",
        "sequence BIGINT NOT NULL                 | 'sequence BIGINT NOT NULL, x INT'| column 'x' doesn't belong here",
        "'pipeline STRING NOT NULL, ttl_ms BIGINT'| 'ttl_ms BIGINT, pipeline STRING NOT NULL' | column 'pipeline' stands in place 5 and must in 4",
        "sequence BIGINT NOT NULL                 | 'sequence BIGINT NOT NULL, PRIMARY KEY (entity_key) NOT ENFORCED' | a primary key doesn't belong here",
    })
    void aWrongTableIsToldWhatIsWrong(String part, String instead, String message) {
        assertThat(COLUMNS).contains(part);
        assertThatThrownBy(() -> plan(COLUMNS.replace(part, instead), LETTERS))
                .satisfies(e -> assertThat(messages(e)).contains(message).contains("It must be (entity_key STRING NOT NULL, "
                        + "event_time TIMESTAMP_LTZ(3) NOT NULL, features MAP<STRING NOT NULL, STRING>, pipeline STRING NOT NULL, "
                        + "ttl_ms BIGINT, sequence BIGINT NOT NULL)"));
    }

    @Test
    void anUpdatingQueryIsRefused() {
        create(COLUMNS, "'host' = 'redis', " + LETTERS);
        assertThatThrownBy(() -> tables.explainSql("INSERT INTO redis SELECT 'k', CAST(TIMESTAMP '2013-01-01 00:00:00' AS TIMESTAMP_LTZ(3)),"
                        + " MAP['a', CAST(COUNT(*) AS STRING)], 'p', CAST(NULL AS BIGINT), CAST(0 AS BIGINT) FROM (VALUES (1)) AS t(x)"))
                .satisfies(e -> assertThat(messages(e)).contains("doesn't support consuming update changes"));
    }

    private static String plan(String columns, String options) {
        return plan(columns, options, options.contains("'host'") ? "" : "'host' = 'redis', ");
    }

    private static String plan(String columns, String options, String host) {
        create(columns, host + options);
        // Every column null of any type: only the table is looked at.
        String nulls = Stream.of(tables.from("redis").getResolvedSchema().getColumns())
                .flatMap(List::stream)
                .map(column -> "CAST(NULL AS " + column.getDataType().getLogicalType().copy(true).asSerializableString() + ")")
                .collect(Collectors.joining(", "));
        return tables.explainSql("INSERT INTO redis SELECT " + nulls);
    }

    private static void create(String columns, String options) {
        tables.executeSql("DROP TEMPORARY TABLE IF EXISTS redis");
        tables.executeSql("CREATE TEMPORARY TABLE redis (" + columns + ") WITH ('connector' = 'featuremill-redis', " + options + ")");
    }

    private static String messages(Throwable e) {
        return Stream.iterate(e, cause -> cause != null, Throwable::getCause)
                .map(cause -> String.valueOf(cause.getMessage())).collect(Collectors.joining("\n"));
    }
}
