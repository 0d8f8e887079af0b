package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featuremill.redis.connection.RedisCommand;
import io.featuremill.redis.connection.RedisConnection;
import io.featuremill.redis.connection.RedisUnavailableException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.metrics.groups.InternalSinkWriterMetricGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sending beside the task's thread; Redis answers when the test lets it. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BackgroundSenderTest {

    private static final Duration LONG = Duration.ofHours(1);

    private final WriterMetrics metrics = new WriterMetrics(
            InternalSinkWriterMetricGroup.wrap(UnregisteredMetricsGroup.createOperatorMetricGroup()), new RowBuffer(100, true));
    private final Semaphore answers = new Semaphore(0);
    private final CountDownLatch asked = new CountDownLatch(1);
    private final List<String> written = Collections.synchronizedList(new ArrayList<>());
    private final CompletableFuture<IOException> reported = new CompletableFuture<>();
    private final List<BackgroundSender> opened = new ArrayList<>();
    private volatile boolean lost;

    @AfterEach
    void close() {
        opened.forEach(BackgroundSender::close);
    }

    @Test
    void theCallerGoesOnWhileRedisWorks() throws Exception {
        BackgroundSender sender = open(new RetryPolicy(1, LONG, LONG));
        sender.send(List.of(row("a", 1, 0)));
        asked.await();
        assertThat(written).isEmpty();
        answers.release();
        sender.await();
        assertThat(written).containsExactly("a");
        assertThat(metrics.writes.getCount()).isEqualTo(1);
    }

    @Test
    void whoComesWithMoreWaitsUntilWhatIsUnderwayIsDone() throws Exception {
        BackgroundSender sender = open(new RetryPolicy(1, LONG, LONG));
        sender.send(List.of(row("a", 1, 0)));
        Thread second = new Thread(() -> handOver(sender, "b"));
        second.start();
        awaitState(second, Thread.State.WAITING);
        answers.release();
        second.join();
        assertThat(written).containsExactly("a");
        answers.release();
        sender.await();
        assertThat(written).containsExactly("a", "b");
    }

    @Test
    void aPauseBeforeARetryIsNotTheCallers() throws Exception {
        lost = true;
        BackgroundSender sender = open(new RetryPolicy(2, LONG, LONG));
        sender.send(List.of(row("a", 1, 0)));
        answers.release();
        asked.await();
        while (metrics.retries.getCount() == 0) {
            Thread.onSpinWait();
        }
        sender.close(); // it does not wait for the pause either
        assertThat(reported).isNotDone();
    }

    @Test
    void aFailureIsReportedAtOnceAndToWhoeverComes() throws Exception {
        lost = true;
        BackgroundSender sender = open(new RetryPolicy(1, LONG, LONG));
        sender.send(List.of(row("a", 1, 0)));
        answers.release();
        IOException failure = reported.get(10, TimeUnit.SECONDS);
        assertThat(failure).isInstanceOf(RedisUnavailableException.class).hasMessageContaining("given up after 1 attempts");
        assertThatThrownBy(sender::await).isSameAs(failure);
        assertThatThrownBy(() -> sender.send(List.of(row("b", 1, 0)))).isSameAs(failure);
        assertThat(written).isEmpty();
    }

    @Test
    void whoWaitsCanBeInterrupted() throws Exception {
        BackgroundSender sender = open(new RetryPolicy(1, LONG, LONG));
        sender.send(List.of(row("a", 1, 0)));
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread waiting = new Thread(() -> {
            try {
                sender.await();
            } catch (IOException e) {
                thrown.complete(e);
            }
        });
        waiting.start();
        awaitState(waiting, Thread.State.WAITING);
        waiting.interrupt();
        assertThat(thrown.get(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
    }

    @Test
    void rowsOfAKeyTakeTheSameConnectionAndAllAreAwaited() throws Exception {
        answers.release(1000);
        List<List<String>> each = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        Senders senders = new Senders(each.stream().map(seen -> opened(sender(new RetryPolicy(1, LONG, LONG), seen))).toList());
        senders.open();
        for (int round = 0; round < 5; round++) {
            senders.send(IntStream.range(0, 50).mapToObj(i -> row("k" + i, 1, 0)).toList());
        }
        senders.await();
        assertThat(each.stream().mapToInt(List::size).sum()).isEqualTo(250);
        for (List<String> seen : each) {
            assertThat(seen).hasSizeGreaterThan(25);
            List<String> once = seen.subList(0, seen.size() / 5);
            assertThat(seen).isEqualTo(Collections.nCopies(5, once).stream().flatMap(List::stream).toList());
        }
    }

    private BackgroundSender open(RetryPolicy retries) throws IOException {
        BackgroundSender sender = opened(sender(retries, written));
        sender.open();
        return sender;
    }

    private BackgroundSender opened(BackgroundSender sender) {
        opened.add(sender);
        return sender;
    }

    private BackgroundSender sender(RetryPolicy retries, List<String> seen) {
        RowSender sender = new RowSender(
                () -> new Slow(seen), retries, new GuardedWrites(), new BadRows(new RecordedLetters(), metrics), metrics);
        return new BackgroundSender(sender, "sender", reported::complete);
    }

    private static void handOver(BackgroundSender sender, String key) {
        try {
            sender.send(List.of(row(key, 1, 0)));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitState(Thread thread, Thread.State state) {
        while (thread.getState() != state) {
            Thread.onSpinWait();
        }
    }

    /** Answers a pipeline of writes for each permit, or loses the connection then. */
    private final class Slow implements RedisConnection {

        private final List<String> seen;

        private Slow(List<String> seen) {
            this.seen = seen;
        }

        @Override
        public List<Object> exchange(Iterable<RedisCommand> pipeline) throws RedisUnavailableException {
            List<List<String>> commands = new ArrayList<>();
            pipeline.forEach(command -> commands.add(command.words().stream().map(String::new).toList()));
            if (!commands.get(0).get(0).equals("EVALSHA")) {
                return Collections.nCopies(commands.size(), (Object) new byte[0]);
            }
            asked.countDown();
            try {
                answers.acquire();
            } catch (InterruptedException e) {
                throw new RedisUnavailableException("interrupted", e);
            }
            if (lost) {
                throw new RedisUnavailableException("lost", null);
            }
            commands.forEach(words -> seen.add(words.get(3)));
            return Collections.nCopies(commands.size(), (Object) 1L);
        }

        @Override
        public void close() {}
    }
}
