package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featuremill.redis.deadletter.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.metrics.groups.InternalSinkWriterMetricGroup;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.RowKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;

/** Both writers on a real server, with a clock that the test turns. */
class RedisWriterTest {

    private static RealRedis server;
    private final ManualTime time = new ManualTime();
    private final RecordedLetters letters = new RecordedLetters();
    private Jedis redis;
    private RedisWriter writer;
    private WriterMetrics metrics;

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
    }

    @AfterEach
    void disconnect() {
        if (writer != null) {
            writer.close();
        }
        redis.close();
    }

    @Test
    void theStreamWriterWritesWhenARowHasTheAgeOfTheInterval() throws Exception {
        open(false);
        write(row("k", 1, 0, "a", "1"));
        advanceTo(99);
        assertThat(redis.exists("k")).isFalse();
        advanceTo(100);
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("a", "1", "@p", "1-0"));
        write(row("k", 2, 0, "a", "2"));
        advanceTo(200);
        assertThat(redis.hget("k", "a")).isEqualTo("2");
    }

    @Test
    void theStreamWriterWritesWhenItHasItsNumberOfRows() throws Exception {
        open(false);
        write(row("a", 1, 0, "a", "1"));
        write(row("b", 1, 0, "a", "1"));
        assertThat(redis.dbSize()).isZero();
        write(row("c", 1, 0, "a", "1"));
        assertThat(redis.dbSize()).isEqualTo(3);
    }

    @Test
    void theStreamWriterWritesWhenItHasItsNumberOfBytes() throws Exception {
        open(false);
        write(row("a", 1, 0, "a", "x".repeat(100_000)));
        assertThat(redis.exists("a")).isTrue();
    }

    @Test
    void aFullBufferDoesntHurryARemovalThatWaits() throws Exception {
        open(false);
        write(row("gone", 1, 0, "a", null));
        write(row("a", 1, 0, "a", "x".repeat(100_000)));
        for (String key : List.of("b", "c", "d")) {
            write(row(key, 1, 0, "a", "1"));
        }
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("a", "b", "c", "d");
    }

    @Test
    void atACheckpointTheStreamWriterWritesAllButWaitingRemovals() throws Exception {
        open(false);
        write(row("k", 1, 0, "a", "1"));
        write(row("gone", 1, 0, "a", "1"));
        writer.flush(false);
        write(row("gone", 2, 0, "a", null));
        writer.flush(false);
        List<RedisWriterState> state = writer.snapshotState(1);
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("a", "1", "@p", "1-0"));
        assertThat(redis.hget("gone", "a")).isEqualTo("1");
        assertThat(texts(state)).containsExactly("gone@2-0[a=null]");
    }

    @Test
    void aRemovalGivesWayToTheRowThatFollows() throws Exception {
        open(false);
        write(row("k", 1, 0, "a", "1"));
        writer.flush(false);
        write(row("k", 2, 0, "a", null));
        writer.flush(false);
        assertThat(redis.hget("k", "a")).as("no gap for a reader").isEqualTo("1");
        write(row("k", 2, 1, "a", "2"));
        writer.flush(false);
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("a", "2", "@p", "2-1"));
        assertThat(metrics.writes.getCount()).isEqualTo(2);
        assertThat(metrics.sparedWrites.getCount()).isEqualTo(1);
    }

    @Test
    void aRemovalAloneIsWrittenAfterTheInterval() throws Exception {
        open(false);
        write(row("k", 1, 0, "a", "1"));
        advanceTo(60);
        write(row("k", 2, 0, "a", null));
        advanceTo(159);
        assertThat(redis.exists("k")).isFalse();
        advanceTo(160);
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("@p", "2-0"));
    }

    @Test
    void removalsThatFillTheBufferDontWait() throws Exception {
        open(false);
        for (String key : List.of("a", "b", "c")) {
            write(row(key, 1, 0, "a", null));
        }
        assertThat(redis.dbSize()).isEqualTo(3);
    }

    @Test
    void theEndOfInputWritesEverything() throws Exception {
        for (boolean batch : List.of(false, true)) {
            redis.flushAll();
            open(batch);
            write(row("k", 1, 0, "a", "1"));
            write(row("gone", 1, 0, "a", null));
            writer.flush(true);
            assertThat(redis.hgetAll("k")).isEqualTo(Map.of("a", "1", "@p", "1-0"));
            assertThat(redis.hgetAll("gone")).isEqualTo(Map.of("@p", "1-0"));
            assertThat(writer.snapshotState(1)).isEmpty();
            writer.close();
        }
    }

    @Test
    void atACheckpointTheBatchWriterWritesNothing() throws Exception {
        open(true);
        write(row("k", 1, 0, "a", "1"));
        advanceTo(10_000);
        writer.flush(false);
        assertThat(redis.dbSize()).isZero();
        assertThat(texts(writer.snapshotState(1))).containsExactly("k@1-0[a=1]");
        write(row("l", 1, 0, "a", "1"));
        write(row("m", 1, 0, "a", "1"));
        assertThat(redis.dbSize()).as("a full buffer").isEqualTo(3);
    }

    @Test
    void whatWasInTheStateIsWrittenAfterARestore() throws Exception {
        for (boolean batch : List.of(false, true)) {
            redis.flushAll();
            RedisWriterState one = new RedisWriterState(List.of(row("k", 1, 0, "a", "1"), row("gone", 2, 0, "a", null)));
            RedisWriterState another = new RedisWriterState(List.of(row("l", 1, 0, "a", "1")));
            open(batch, one, another);
            assertThat(texts(writer.snapshotState(1))).containsExactly("k@1-0[a=1]", "l@1-0[a=1]", "gone@2-0[a=null]");
            writer.flush(true);
            assertThat(redis.dbSize()).isEqualTo(3);
            writer.close();
        }
    }

    @Test
    void aRestoredStreamWriterNeedsNoFurtherRowToWrite() throws Exception {
        open(false, new RedisWriterState(List.of(row("gone", 2, 0, "a", null))));
        advanceTo(100);
        assertThat(redis.hgetAll("gone")).isEqualTo(Map.of("@p", "2-0"));
    }

    @Test
    void aRowThatRedisRefusesIsALetterWhenTheCheckpointIsMade() throws Exception {
        redis.set("text", "not a hash");
        open(false);
        write(row("text", 1, 0, "a", "1"));
        write(row("k", 1, 0, "a", "1"));
        writer.flush(false);
        assertThat(redis.hget("k", "a")).isEqualTo("1");
        assertThat(RecordedLetters.ARRIVED).singleElement().satisfies(letter -> {
            assertThat(letter.stage()).isEqualTo("redis");
            assertThat(letter.reason()).isEqualTo(Reason.WRONG_TYPE);
            assertThat(letter.pipeline()).isEqualTo("p");
        });
    }

    @Test
    void aLetterThatDoesNotArriveFailsTheCheckpoint() throws Exception {
        for (boolean batch : List.of(false, true)) {
            open(batch);
            writer.write(badRow("@registry"), null);
            letters.failure = new IOException("Kafka is away");
            assertThatThrownBy(() -> writer.flush(false)).hasMessage("Kafka is away");
            letters.failure = null;
            writer.close();
        }
    }

    @Test
    void aBadRowIsALetterAndTheNextGoesOn() throws Exception {
        open(false);
        writer.write(badRow("@registry"), null);
        write(row("k", 1, 0, "a", "1"));
        writer.flush(false);
        assertThat(redis.keys("*")).containsExactly("k");
        assertThat(RecordedLetters.ARRIVED).singleElement().satisfies(letter -> {
            assertThat(letter.reason()).isEqualTo(Reason.BAD_KEY);
            assertThat(letter.value()).asString().contains("\"entity_key\":\"@registry\"");
        });
        assertThat(metrics.rows.getCount()).isEqualTo(2);
        assertThat(metrics.deadLetters.getCount()).isEqualTo(1);
    }

    @Test
    void aRowThatIsNotAppendedIsRefused() throws Exception {
        open(false);
        RowData row = Rows.data(row("k", 1, 0, "a", "1"));
        row.setRowKind(RowKind.DELETE);
        assertThatThrownBy(() -> writer.write(row, null)).hasMessageContaining("appended rows only");
    }

    /** Redis restarts in the middle: the connection is gone, the script too, and so is the data; what comes later is written. */
    @Test
    void aServerThatForgetsIsToldAgain() throws Exception {
        open(false);
        write(row("k", 1, 0, "a", "1"));
        writer.flush(false);
        redis.scriptFlush();
        write(row("k", 2, 0, "a", "2"));
        writer.flush(false);
        assertThat(redis.hget("k", "a")).isEqualTo("2");
        redis.sendCommand(Protocol.Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "yes");
        write(row("k", 3, 0, "a", "3"));
        writer.flush(false);
        assertThat(redis.hget("k", "a")).isEqualTo("3");
    }

    private void open(boolean batch, RedisWriterState... states) throws IOException {
        RedisSinkConfig config = new RedisSinkConfig(server.connector(), new RetryPolicy(5, Duration.ofMillis(1), Duration.ofMillis(50)),
                batch, true, 1, 3, 100_000, Duration.ofMillis(100), 1 << 20, () -> letters);
        RowBuffer buffer = new RowBuffer(100, true);
        metrics = new WriterMetrics(
                InternalSinkWriterMetricGroup.wrap(UnregisteredMetricsGroup.createOperatorMetricGroup()), buffer);
        BadRows badRows = new BadRows(letters, metrics);
        RowSender sender = new RowSender(config.connector(), config.retries(), new GuardedWrites(), badRows, metrics);
        Senders senders = new Senders(List.of(new BackgroundSender(sender, "sender", failure -> {})));
        writer = batch
                ? new BatchRedisWriter(config, buffer, senders, badRows, metrics, time)
                : new StreamRedisWriter(config, buffer, senders, badRows, metrics, time);
        writer.open(List.of(states));
    }

    /** Writes a row, and waits for what the writer may have sent. */
    private void write(FeatureRow row) throws IOException {
        writer.write(Rows.data(row), null);
        writer.await();
    }

    private void advanceTo(long now) throws Exception {
        time.advanceTo(now);
        writer.await();
    }

    private static RowData badRow(String key) {
        return Rows.data(row(key, 1, 0, "a", "1"));
    }

    private static List<String> texts(List<RedisWriterState> states) {
        return states.stream().flatMap(state -> Rows.texts(state.rows()).stream()).toList();
    }
}
