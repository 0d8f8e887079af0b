package io.featuremill.redis;

import io.featuremill.redis.FlawedSinks.Subject;
import io.featuremill.redis.connection.RedisConnector;
import io.featuremill.redis.connection.StandaloneRedis;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.metrics.groups.InternalSinkWriterMetricGroup;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;

/**
 * A flaw of the Redis sinks that there are: each test has the name of one, shows that our sink doesn't have it, with the guard and
 * without where that matters, and that it would notice: the same steps find the flaw in one of {@link FlawedSinks}.
 */
@Timeout(60)
abstract class FlawTest {

    static final RetryPolicy PATIENT = new RetryPolicy(100, Duration.ofMillis(10), Duration.ofMillis(20));
    static final RetryPolicy ONCE = new RetryPolicy(1, Duration.ofMillis(1), Duration.ofMillis(1));
    static RealRedis server;
    final List<AutoCloseable> opened = new ArrayList<>();
    final ManualTime time = new ManualTime();
    final RecordedLetters letters = new RecordedLetters();
    Jedis redis;

    @BeforeAll
    static void start() {
        server = new RealRedis("--maxmemory-policy", "noeviction");
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
    void disconnect() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        redis.configSet("maxmemory", "0");
        redis.close();
    }

    interface Opener {
        Subject open(int port) throws Exception;
    }

    Subject ours(int port, boolean guarded) throws IOException {
        return ours(port, guarded, PATIENT);
    }

    Subject ours(int port, boolean guarded, RetryPolicy retries) throws IOException {
        RedisConnector connector = new StandaloneRedis(
                "127.0.0.1", port, null, null, 0, Duration.ofSeconds(2), Duration.ofSeconds(5));
        return opened(new Ours(connector, guarded, retries));
    }

    <T extends AutoCloseable> T opened(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    static WriterMetrics metrics(RowBuffer buffer) {
        return new WriterMetrics(InternalSinkWriterMetricGroup.wrap(UnregisteredMetricsGroup.createOperatorMetricGroup()), buffer);
    }

    /** The stream writer, with a buffer that no test fills. */
    final class Ours implements Subject {
        private final RedisWriter writer;

        Ours(RedisConnector connector, boolean guarded, RetryPolicy retries) throws IOException {
            RedisSinkConfig config = new RedisSinkConfig(
                    connector, retries, false, guarded, 1, 1000, 1 << 24, Duration.ofMillis(100), 1 << 20, () -> letters);
            RowBuffer buffer = new RowBuffer(100, guarded);
            WriterMetrics metrics = metrics(buffer);
            BadRows badRows = new BadRows(letters, metrics);
            Writes writes = guarded ? new GuardedWrites() : new UnguardedWrites();
            RowSender sender = new RowSender(connector, retries, writes, badRows, metrics);
            Senders senders = new Senders(List.of(new BackgroundSender(sender, "sender", failure -> {})));
            writer = new StreamRedisWriter(config, buffer, senders, badRows, metrics, time);
            writer.open(List.of());
        }

        @Override
        public void write(FeatureRow row) throws IOException {
            writer.write(Rows.data(row), null);
        }

        @Override
        public void settle() throws IOException {
            writer.await();
        }

        @Override
        public void checkpoint() throws IOException, InterruptedException {
            writer.flush(false);
        }

        @Override
        public void close() {
            writer.close();
        }
    }
}
