package io.featuremill.redis;

import io.featuremill.redis.connection.RedisCommand;
import io.featuremill.redis.connection.RedisConnection;
import io.featuremill.redis.connection.RedisConnector;
import io.featuremill.redis.connection.RedisErrorReply;
import io.featuremill.redis.connection.RedisUnavailableException;
import io.featuremill.redis.connection.StandaloneRedis;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Sinks as they are found in the wild, each with one flaw: the controls of {@link FlawTest}. A test that doesn't see the
 * flaw in one of these says nothing about ours.
 */
final class FlawedSinks {

    private FlawedSinks() {}

    /** A sink as a test drives it. */
    interface Subject extends AutoCloseable {
        void write(FeatureRow row) throws Exception;

        /** Returns when what it has begun to send is there. */
        default void settle() throws Exception {}

        /** What Flink calls before a checkpoint: when it returns, the source's offsets may be committed. */
        void checkpoint() throws Exception;

        @Override
        void close();
    }

    /** A row as plain commands. */
    private static String key(FeatureRow row) {
        return text(row.key().entityKey());
    }

    private static Map<String, String> fields(FeatureRow row, String forNull) {
        Map<String, String> fields = new HashMap<>();
        fields.put("@" + text(row.key().pipeline()), row.eventTime() + "-" + row.sequence());
        for (int i = 0; i < row.names().length; i++) {
            String value = row.values()[i] == null ? forNull : text(row.values()[i]);
            if (value != null) {
                fields.put(text(row.names()[i]), value);
            }
        }
        return fields;
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private abstract static class Plain implements Subject {
        final Jedis jedis;

        Plain(int port) {
            jedis = new Jedis("127.0.0.1", port, 2_000);
        }

        final void hset(FeatureRow row) {
            jedis.hset(key(row), fields(row, null));
        }

        @Override
        public void checkpoint() throws Exception {}

        @Override
        public void close() {
            try {
                jedis.close();
            } catch (JedisException broken) {
                // It was before.
            }
        }
    }

    private abstract static class InBackground extends Plain {
        final List<CompletableFuture<Void>> inFlight = new ArrayList<>();

        InBackground(int port) {
            super(port);
        }

        final CompletableFuture<Void> send(FeatureRow row) {
            return CompletableFuture.runAsync(() -> {
                synchronized (jedis) {
                    hset(row);
                }
            });
        }
    }

    /** Flaw 1: sends each row at once, in the background, and lets the checkpoint complete meanwhile. */
    static final class DoesNotAwait extends InBackground {
        DoesNotAwait(int port) {
            super(port);
        }

        @Override
        public void write(FeatureRow row) {
            inFlight.add(send(row));
        }

        @Override
        public void close() {
            inFlight.forEach(future -> future.handle((done, failed) -> done).join());
            super.close();
        }
    }

    /** Flaw 2: the expiry is a command of its own, and is sent whatever became of the write. */
    static final class ExpiryApart extends Plain {
        ExpiryApart(int port) {
            super(port);
        }

        @Override
        public void write(FeatureRow row) {
            Pipeline pipeline = jedis.pipelined();
            pipeline.hset(key(row), fields(row, null));
            pipeline.pexpire(key(row), row.ttlMs());
            pipeline.sync();
        }
    }

    /** Flaw 3: a feature that was removed is left as it was, or written as a word. */
    static final class NoRemovals extends Plain {
        private final String forNull;

        NoRemovals(int port, String forNull) {
            super(port);
            this.forNull = forNull;
        }

        @Override
        public void write(FeatureRow row) {
            jedis.hset(key(row), fields(row, forNull));
        }
    }

    /** Flaw 4: writes are awaited, but what goes wrong in the callback stays there. */
    static final class SwallowsExceptions extends InBackground {
        SwallowsExceptions(int port) {
            super(port);
        }

        @Override
        public void write(FeatureRow row) {
            inFlight.add(send(row).handle((done, failed) -> null));
        }

        @Override
        public void checkpoint() {
            inFlight.forEach(CompletableFuture::join);
        }
    }

    /** Flaw 5: what Redis refuses is counted and left behind. */
    static final class SkipsFailures extends Plain {
        private int failures;

        SkipsFailures(int port) {
            super(port);
        }

        @Override
        public void write(FeatureRow row) {
            try {
                hset(row);
            } catch (JedisDataException e) {
                failures++;
            }
        }
    }

    /** Flaw 6: one transaction for all that is buffered. */
    static final class TransactionAroundTheBatch extends Plain {
        private final List<FeatureRow> buffer = new ArrayList<>();

        TransactionAroundTheBatch(int port) {
            super(port);
        }

        @Override
        public void write(FeatureRow row) {
            buffer.add(row);
        }

        @Override
        public void checkpoint() {
            Transaction transaction = jedis.multi();
            buffer.forEach(row -> transaction.hset(key(row), fields(row, null)));
            for (Object reply : transaction.exec()) {
                if (reply instanceof JedisDataException e) {
                    throw e;
                }
            }
            buffer.clear();
        }
    }

    /** Flaw 7: waits for the answer to each row before it sends the next. */
    static final class OneRoundTripARow extends Plain {
        OneRoundTripARow(int port) {
            super(port);
        }

        @Override
        public void write(FeatureRow row) {
            hset(row);
        }
    }

    /** Flaw 7: a pause that a cancelled task has to sit through. */
    static final class SleepsThroughCancellation extends Plain {
        private final long pauseMs;

        SleepsThroughCancellation(int port, long pauseMs) {
            super(port);
            this.pauseMs = pauseMs;
        }

        @Override
        public void write(FeatureRow row) {
            try {
                hset(row);
            } catch (JedisException e) {
                long until = System.nanoTime() + pauseMs * 1_000_000;
                while (System.nanoTime() < until) {
                    try {
                        Thread.sleep(pauseMs);
                    } catch (InterruptedException retryAnyway) {
                        // "so as not to lose the row"
                    }
                }
                throw e;
            }
        }
    }

    /** Flaw 8: a row that failed is queued again behind those that came after it. */
    static final class QueuesFailuresBehind extends Plain {
        private final Deque<FeatureRow> queue = new ArrayDeque<>();

        QueuesFailuresBehind(int port) {
            super(port);
        }

        @Override
        public void write(FeatureRow row) {
            queue.add(row);
        }

        @Override
        public void checkpoint() {
            while (!queue.isEmpty()) {
                FeatureRow row = queue.remove();
                try {
                    hset(row);
                } catch (JedisDataException e) {
                    queue.add(row);
                    jedis.configSet("maxmemory", "0"); // whatever it was passes at once
                }
            }
        }
    }

    /** Flaw 8: {@link UnguardedWrites} as they would be if they left alone what an old connection still has on its way. */
    static final class Unfenced implements Writes {
        @Override
        public RedisErrorReply prepare(RedisConnection connection) throws RedisUnavailableException {
            return new UnguardedWrites().prepare(connection);
        }

        @Override
        public RedisCommand command(FeatureRow row) {
            return new UnguardedWrites().command(row);
        }

        @Override
        public Object outcome(List<Object> replies) {
            return new UnguardedWrites().outcome(replies);
        }
    }

    /** Flaw 9: the first connection is told its database, and those after it are not. */
    static RedisConnector forgetsItsDatabase(RedisConnector sound, RedisConnector withoutDatabase) {
        int[] connections = {0};
        return () -> connections[0]++ == 0 ? sound.connect() : withoutDatabase.connect();
    }

    /** Flaw 10: host, port, user and password in one text. */
    static RedisConnector fromOneText(String hostPortUserPassword) {
        String[] parts = hostPortUserPassword.split(",");
        return new StandaloneRedis(
                parts[0], Integer.parseInt(parts[1]), parts[2], parts[3], 0, Duration.ofSeconds(2), Duration.ofSeconds(2));
    }

    /** Flaw 11: writes when its buffer is full, and at no other time. */
    static final class WaitsForItsSize extends Plain {
        private final List<FeatureRow> buffer = new ArrayList<>();
        private final int size;

        WaitsForItsSize(int port, int size) {
            super(port);
            this.size = size;
        }

        @Override
        public void write(FeatureRow row) {
            buffer.add(row);
            if (buffer.size() >= size) {
                buffer.forEach(this::hset);
                buffer.clear();
            }
        }
    }

    /** Flaw 12: an update is a deletion, and then a write. */
    static final class DeletesThenWrites extends Plain {
        DeletesThenWrites(int port) {
            super(port);
        }

        @Override
        public void write(FeatureRow row) {
            if (row.isRemoval()) {
                jedis.del(key(row));
            } else {
                hset(row);
            }
        }
    }
}
