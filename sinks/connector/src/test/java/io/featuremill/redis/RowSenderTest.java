package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featuremill.redis.connection.RedisCommand;
import io.featuremill.redis.connection.RedisConfigurationException;
import io.featuremill.redis.connection.RedisConnection;
import io.featuremill.redis.connection.RedisErrorReply;
import io.featuremill.redis.connection.RedisUnavailableException;
import io.featuremill.redis.connection.RefusedRowException;
import io.featuremill.redis.deadletter.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.metrics.groups.InternalSinkWriterMetricGroup;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the sender does when Redis doesn't do as it should; Redis is played by a script of answers. */
class RowSenderTest {

    private static final Object LOST = new Object();
    private static final Object WRITTEN = 1L;
    private static final RetryPolicy RETRIES = new RetryPolicy(4, Duration.ofMillis(2), Duration.ofMillis(4));

    private final Deque<List<Object>> answers = new ArrayDeque<>();
    private final List<String> sent = new ArrayList<>();
    private final RecordedLetters letters = new RecordedLetters();
    private final WriterMetrics metrics = new WriterMetrics(
            InternalSinkWriterMetricGroup.wrap(UnregisteredMetricsGroup.createOperatorMetricGroup()), new RowBuffer(100, true));
    private final RowSender sender = new RowSender(Scripted::new, RETRIES, new GuardedWrites(), new BadRows(letters, metrics), metrics);

    @BeforeEach
    void forget() {
        RecordedLetters.ARRIVED.clear();
    }

    @Test
    void writesAndRejectionsAreCounted() throws IOException {
        answer(WRITTEN, 0L, WRITTEN);
        sender.send(List.of(row("a", 1, 0), row("b", 1, 0), row("c", 1, 0)));
        assertThat(sent).containsExactly("connect", "LOAD", "a b c");
        assertThat(metrics.writes.getCount()).isEqualTo(2);
        assertThat(metrics.guardRejections.getCount()).isEqualTo(1);
    }

    @Test
    void afterALostConnectionAllIsSentAgainOnANewOne() throws IOException {
        answer(LOST);
        answer(WRITTEN, WRITTEN);
        sender.send(List.of(row("a", 1, 0), row("b", 1, 0)));
        assertThat(sent).containsExactly("connect", "LOAD", "a b", "close", "connect", "LOAD", "a b");
        assertThat(metrics.retries.getCount()).isEqualTo(1);
    }

    @Test
    void whatPassesIsSentAgainAlone() throws IOException {
        answer(WRITTEN, error("OOM command not allowed"), WRITTEN, error("LOADING Redis is loading"));
        answer(error("OOM command not allowed"), WRITTEN);
        answer(WRITTEN);
        sender.send(List.of(row("a", 1, 0), row("b", 1, 0), row("c", 1, 0), row("d", 1, 0)));
        assertThat(sent).containsExactly("connect", "LOAD", "a b c d", "b d", "b");
    }

    @Test
    void aServerThatForgotTheScriptGetsItAgain() throws IOException {
        answer(error("NOSCRIPT No matching script."), error("NOSCRIPT No matching script."));
        answer(WRITTEN, WRITTEN);
        sender.send(List.of(row("a", 1, 0), row("b", 1, 0)));
        assertThat(sent).containsExactly("connect", "LOAD", "a b", "LOAD", "a b");
    }

    @Test
    void attemptsComeToAnEnd() {
        for (int i = 0; i < 4; i++) {
            answer(LOST);
        }
        assertThatThrownBy(() -> sender.send(List.of(row("a", 1, 0))))
                .isInstanceOf(RedisUnavailableException.class)
                .hasMessageContaining("given up after 4 attempts, with 1 rows to write");
        assertThat(answers).isEmpty();
    }

    @Test
    void progressStartsTheCountAnew() throws IOException {
        RedisErrorReply busy = error("BUSY Redis is busy");
        answer(busy, busy, busy);
        answer(busy, busy, busy);
        answer(busy, busy, busy);
        answer(WRITTEN, busy, busy);
        answer(busy, busy);
        answer(busy, busy);
        answer(WRITTEN, WRITTEN);
        sender.send(List.of(row("a", 1, 0), row("b", 1, 0), row("c", 1, 0)));
        assertThat(metrics.writes.getCount()).isEqualTo(3);
    }

    @Test
    void aPoisonedRowBecomesALetterAndTheOthersGoOn() throws IOException {
        answer(WRITTEN, error("WRONGTYPE Operation against a key"), error("FMGUARD the field @p"), WRITTEN);
        sender.send(List.of(row("a", 1, 0), row("b", 1, 5, "x", "1", "y", null), row("c", 1, 0), row("d", 1, 0)));
        letters.flush();
        assertThat(RecordedLetters.ARRIVED).extracting("reason").containsExactly(Reason.WRONG_TYPE, Reason.BAD_GUARD);
        assertThat(RecordedLetters.ARRIVED.get(0).message()).contains("b of pipeline p at 1-5").contains("WRONGTYPE Operation");
        assertThat(RecordedLetters.ARRIVED.get(0).value()).asString().isEqualTo(
                "{\"entity_key\":\"b\",\"event_time\":\"1970-01-01T00:00:00.001Z\",\"features\":{\"x\":\"1\",\"y\":null}}");
        assertThat(metrics.deadLetters.getCount()).isEqualTo(2);
        assertThat(metrics.writes.getCount()).isEqualTo(2);
    }

    @Test
    void aPoisonedRowEndsTheJobWhereThatIsAskedFor() {
        answer(error("WRONGTYPE Operation against a key"));
        RowSender strict = new RowSender(Scripted::new, RETRIES, new GuardedWrites(), new BadRows(null, metrics), metrics);
        assertThatThrownBy(() -> strict.send(List.of(row("a", 1, 0))))
                .isInstanceOf(RefusedRowException.class)
                .hasMessageContaining("WRONGTYPE").hasMessageContaining("'on-bad-row' = 'fail'");
    }

    @Test
    void whatWontPassFailsAtOnce() {
        for (String code : List.of("NOAUTH", "NOPERM", "WRONGPASS", "ERR unknown command")) {
            answer(error(code + " says Redis"));
            assertThatThrownBy(() -> sender.send(List.of(row("a", 1, 0))))
                    .isInstanceOf(RedisConfigurationException.class)
                    .hasMessageContaining(code);
            assertThat(answers).isEmpty();
        }
    }

    private void answer(Object... replies) {
        answers.add(List.of(replies));
    }

    private static RedisErrorReply error(String message) {
        return new RedisErrorReply(message);
    }

    private final class Scripted implements RedisConnection {

        private Scripted() {
            sent.add("connect");
        }

        @Override
        public List<Object> exchange(Iterable<RedisCommand> pipeline) throws RedisUnavailableException {
            List<List<String>> commands = new ArrayList<>();
            pipeline.forEach(command -> commands.add(command.words().stream().map(String::new).toList()));
            if (commands.get(0).get(0).equals("SCRIPT")) {
                sent.add("LOAD");
                return List.of(new byte[0]);
            }
            if (commands.get(0).get(0).equals("CONFIG")) {
                return List.of(error("NOPERM this user has no permissions to run the 'config|get' command"));
            }
            sent.add(String.join(" ", commands.stream().map(words -> words.get(3)).toList()));
            List<Object> replies = answers.remove();
            if (replies.get(0) == LOST) {
                throw new RedisUnavailableException("Lost", null);
            }
            assertThat(replies).hasSameSizeAs(commands);
            return replies;
        }

        @Override
        public void close() {
            sent.add("close");
        }
    }
}
