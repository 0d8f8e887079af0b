package io.featuremill.redis;

import io.featuremill.redis.connection.RedisCommand;
import io.featuremill.redis.connection.RedisConfigurationException;
import io.featuremill.redis.connection.RedisConnection;
import io.featuremill.redis.connection.RedisConnector;
import io.featuremill.redis.connection.RedisErrorReply;
import io.featuremill.redis.connection.RedisSinkException;
import io.featuremill.redis.connection.RedisUnavailableException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings rows into Redis, whatever it takes within the {@link RetryPolicy}: reconnects, loads the script again, repeats what was
 * not acknowledged, and hands on what Redis refuses.
 *
 * <p>A row may be sent twice: when a connection breaks, nobody knows how far the server came. That does no harm, since the guard
 * lets an equal row pass with the same outcome, and turns away one that was overtaken meanwhile. Without the guard it is the same
 * row once more, and no newer one of this writer can be in Redis yet: a wave is done before the next begins.
 */
final class RowSender implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RowSender.class);

    private final RedisConnector connector;
    private final RetryPolicy retries;
    private final Writes writes;
    private final BadRows badRows;
    private final WriterMetrics metrics;
    private RedisConnection connection;

    /** How long the server lets an argument be. */
    private long longestArgument = RedisLayout.LONGEST_ARGUMENT;

    RowSender(RedisConnector connector, RetryPolicy retries, Writes writes, BadRows badRows, WriterMetrics metrics) {
        this.connector = connector;
        this.retries = retries;
        this.writes = writes;
        this.badRows = badRows;
        this.metrics = metrics;
    }

    /** Connects at once, so that a wrong address or password fails the job when it starts and not with its first row. */
    void open() throws IOException {
        send(List.of());
    }

    /**
     * Returns when Redis has acknowledged, turned away or refused every row.
     *
     * @param wave rows of which no two have the same key
     */
    void send(List<FeatureRow> wave) throws IOException {
        List<FeatureRow> open = wave;
        int failed = 0;
        while (true) {
            RedisUnavailableException why;
            try {
                connect();
                open = withoutTooLong(open);
                int before = open.size();
                Outcome outcome = exchange(open);
                open = outcome.again;
                if (open.isEmpty()) {
                    return;
                }
                if (open.size() < before) {
                    failed = 0; // the attempts are counted in a row: something went through
                }
                why = outcome.why;
            } catch (RedisUnavailableException e) {
                disconnect();
                why = e;
            }
            failed++;
            if (failed >= retries.maxAttempts()) {
                throw new RedisUnavailableException(why.getMessage() + " (given up after " + failed + " attempts, with "
                        + open.size() + " rows to write; they are in the last checkpoint or behind it in the source)", why);
            }
            metrics.retry();
            Duration pause = retries.pauseAfter(failed);
            LOG.warn("{} Attempt {} of {} follows in {} ms.", why.getMessage(), failed + 1, retries.maxAttempts(), pause.toMillis());
            sleep(pause);
        }
    }

    /**
     * A server that gets an argument beyond its limit closes the connection, so such a row would be sent again and again, and with it
     * all the others.
     */
    private List<FeatureRow> withoutTooLong(List<FeatureRow> rows) throws IOException {
        if (rows.stream().noneMatch(row -> row.longestArgument() > longestArgument)) {
            return rows;
        }
        List<FeatureRow> others = new ArrayList<>(rows.size());
        for (FeatureRow row : rows) {
            if (row.longestArgument() > longestArgument) {
                badRows.tooLong(row, longestArgument);
            } else {
                others.add(row);
            }
        }
        return others;
    }

    /** The rows that have to be sent again, and why. */
    private record Outcome(List<FeatureRow> again, RedisUnavailableException why) {}

    private Outcome exchange(List<FeatureRow> rows) throws IOException {
        if (rows.isEmpty()) {
            return new Outcome(rows, null); // to have connected was all
        }
        Commands commands = new Commands(rows);
        List<Object> replies = timed(commands);
        int next = 0;
        int taken = 0;
        int rejected = 0;
        long newest = Long.MIN_VALUE;
        List<FeatureRow> again = new ArrayList<>();
        RedisErrorReply passing = null;
        boolean scriptUnknown = false;
        for (int i = 0; i < rows.size(); i++) {
            FeatureRow row = rows.get(i);
            int end = next + commands.replies[i];
            Object written = writes.outcome(replies.subList(next, end));
            next = end;
            if (!(written instanceof RedisErrorReply error)) {
                if (RedisLayout.WRITTEN.equals(written)) {
                    taken++;
                    newest = Math.max(newest, row.eventTime());
                } else {
                    rejected++;
                }
                continue;
            }
            switch (error.kind()) {
                case SCRIPT_UNKNOWN -> {
                    scriptUnknown = true;
                    passing = error;
                    again.add(row);
                }
                case TRANSIENT -> {
                    passing = error;
                    again.add(row);
                }
                case ROW -> badRows.refused(row, error);
                case FATAL -> throw new RedisConfigurationException(
                        "Redis at " + connector + " refuses to write " + row + ": " + error.message(), null);
            }
        }
        metrics.acknowledged(taken, newest, rejected);
        if (scriptUnknown) {
            prepare();
        }
        if (passing != null && passing.code().equals("READONLY")) {
            disconnect(); // a former primary: its successor may answer to the same name
        }
        return new Outcome(again, passing == null ? null
                : new RedisUnavailableException("Redis at " + connector + " can't write now: " + passing.message() + ".", null));
    }

    private List<Object> timed(Commands commands) throws RedisUnavailableException {
        long from = System.nanoTime();
        try {
            List<Object> replies = connection.exchange(commands);
            metrics.answered((System.nanoTime() - from) / 1_000_000);
            return replies;
        } finally {
            metrics.sent(commands.replies.length, commands.size);
        }
    }

    /** The rows' commands, each made when it is its turn to be sent: all of them at once would double what the rows take. */
    private final class Commands implements Iterable<RedisCommand> {

        private final List<FeatureRow> rows;

        /** How many answers each row's has, and how many bytes all of them were, as far as they have been sent. */
        private final int[] replies;

        private long size;

        private Commands(List<FeatureRow> rows) {
            this.rows = rows;
            this.replies = new int[rows.size()];
        }

        @Override
        public Iterator<RedisCommand> iterator() {
            return IntStream.range(0, rows.size()).mapToObj(this::command).iterator();
        }

        private RedisCommand command(int i) {
            RedisCommand command = writes.command(rows.get(i));
            replies[i] = command.replies();
            size += command.sizeInBytes();
            return command;
        }
    }

    private void connect() throws RedisSinkException {
        if (connection == null) {
            connection = connector.connect();
            prepare();
        }
    }

    private void prepare() throws RedisSinkException {
        RedisErrorReply error = writes.prepare(connection);
        if (error != null) {
            String message = "Redis at " + connector + " refuses what has to be done before the first write: " + error.message();
            throw error.kind() == RedisErrorReply.Kind.TRANSIENT
                    ? new RedisUnavailableException(message, null)
                    : new RedisConfigurationException(message, null);
        }
        Object reply = connection.exchange(List.of(RedisLayout.askForLongestArgument())).get(0);
        longestArgument = RedisLayout.longestArgument(reply);
    }

    private void disconnect() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    private static void sleep(Duration pause) throws InterruptedIOException {
        try {
            Thread.sleep(pause.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted while waiting for Redis");
        }
    }

    @Override
    public void close() {
        disconnect();
    }
}
