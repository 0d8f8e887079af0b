package io.featuremill.redis;

import io.featuremill.redis.connection.RedisCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * How features lie in Redis: the one class on the writing side that knows it. The words are in {@code proto/redis-layout.md}.
 *
 * <p>A row becomes one call of {@code guard.lua}, which compares, sets, removes and gives the time to live in one step; or,
 * without the guard, one transaction that does the same except to compare.
 */
public final class RedisLayout {

    /** The largest event time, sequence and time to live that the script's numbers, doubles, tell from its neighbours. */
    public static final long BIGGEST_NUMBER = (1L << 53) - 1;

    /** Fields and keys that begin so are the platform's own. */
    public static final char RESERVED = '@';

    /** The answer for a row that was written. */
    static final Long WRITTEN = 1L;

    /** How long an argument may be where Redis is set up as it comes: {@code proto-max-bulk-len}. */
    static final long LONGEST_ARGUMENT = 512L * 1024 * 1024;

    private static final RedisCommand MULTI = RedisCommand.of("MULTI");
    private static final RedisCommand EXEC = RedisCommand.of("EXEC");
    private static final byte[] HSET = ascii("HSET");
    private static final byte[] HDEL = ascii("HDEL");
    private static final byte[] PEXPIRE = ascii("PEXPIRE");
    private static final byte[] PERSIST = ascii("PERSIST");
    private static final byte[] EVALSHA = ascii("EVALSHA");
    private static final byte[] SCRIPT = ascii("SCRIPT");
    private static final byte[] LOAD = ascii("LOAD");
    private static final byte[] ONE = ascii("1");
    private static final byte[] NO_TTL = new byte[0];

    private static final byte[] GUARD = resource("guard.lua");
    private static final byte[] GUARD_SHA = ascii(sha1(GUARD));

    private RedisLayout() {}

    /** Makes the server know the script; needed once for each server, and again whenever it answers NOSCRIPT. */
    public static RedisCommand loadGuard() {
        return new RedisCommand(SCRIPT, LOAD, GUARD);
    }

    /** The guarded write of a row. The answer is 1 for a row that was written, 0 for one that met something newer. */
    public static RedisCommand write(FeatureRow row) {
        byte[][] names = row.names();
        byte[][] values = row.values();
        int set = row.valueCount();
        byte[] time = ascii(Long.toString(row.eventTime()));
        byte[] sequence = ascii(Long.toString(row.sequence()));
        byte[][] args = new byte[9 + names.length + set][];
        args[0] = GUARD_SHA;
        args[1] = ONE;
        args[2] = row.key().entityKey();
        args[3] = time;
        args[4] = sequence;
        args[5] = row.ttlMs() == FeatureRow.NEVER_EXPIRES ? NO_TTL : ascii(Long.toString(row.ttlMs()));
        args[6] = ascii(Integer.toString(set + 1));
        args[7] = pipelineField(row.key().pipeline());
        args[8] = place(time, sequence);
        int toSet = 9;
        int toRemove = 9 + 2 * set;
        for (int i = 0; i < names.length; i++) {
            if (values[i] != null) {
                args[toSet++] = names[i];
                args[toSet++] = values[i];
            } else {
                args[toRemove++] = names[i];
            }
        }
        return new RedisCommand(EVALSHA, args);
    }

    /** The write of a row whatever is in Redis: a transaction, of which every command but the last is answered by QUEUED. */
    static List<RedisCommand> unguardedWrite(FeatureRow row) {
        byte[] key = row.key().entityKey();
        byte[][] names = row.names();
        byte[][] values = row.values();
        int set = row.valueCount();
        byte[][] toSet = new byte[3 + 2 * set][];
        byte[][] toRemove = new byte[1 + names.length - set][];
        toSet[0] = toRemove[0] = key;
        toSet[1] = pipelineField(row.key().pipeline());
        toSet[2] = place(ascii(Long.toString(row.eventTime())), ascii(Long.toString(row.sequence())));
        int nextSet = 3;
        int nextRemoved = 1;
        for (int i = 0; i < names.length; i++) {
            if (values[i] != null) {
                toSet[nextSet++] = names[i];
                toSet[nextSet++] = values[i];
            } else {
                toRemove[nextRemoved++] = names[i];
            }
        }
        List<RedisCommand> commands = new ArrayList<>(5);
        commands.add(MULTI);
        commands.add(new RedisCommand(HSET, toSet));
        if (toRemove.length > 1) {
            commands.add(new RedisCommand(HDEL, toRemove));
        }
        commands.add(row.ttlMs() == FeatureRow.NEVER_EXPIRES
                ? new RedisCommand(PERSIST, key)
                : new RedisCommand(PEXPIRE, key, ascii(Long.toString(row.ttlMs()))));
        commands.add(EXEC);
        return commands;
    }

    static RedisCommand askForLongestArgument() {
        return RedisCommand.of("CONFIG", "GET", "proto-max-bulk-len");
    }

    /** What the server says, or where it doesn't tell us (few users may ask) the usual. */
    static long longestArgument(Object reply) {
        return reply instanceof List<?> nameAndValue && nameAndValue.size() == 2 && nameAndValue.get(1) instanceof byte[] value
                ? Long.parseLong(new String(value, StandardCharsets.ISO_8859_1))
                : LONGEST_ARGUMENT;
    }

    /** A transaction that does nothing: it shows whether the user may have any. */
    static List<RedisCommand> emptyTransaction() {
        return List.of(MULTI, EXEC);
    }

    /** {@code @<pipeline>}: the field that holds the place in time of the pipeline's last write. */
    private static byte[] pipelineField(byte[] pipeline) {
        byte[] field = new byte[1 + pipeline.length];
        field[0] = RESERVED;
        System.arraycopy(pipeline, 0, field, 1, pipeline.length);
        return field;
    }

    /** {@code <event time in ms>-<sequence>}. */
    private static byte[] place(byte[] time, byte[] sequence) {
        byte[] place = new byte[time.length + 1 + sequence.length];
        System.arraycopy(time, 0, place, 0, time.length);
        place[time.length] = '-';
        System.arraycopy(sequence, 0, place, time.length + 1, sequence.length);
        return place;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String sha1(byte[] script) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(script));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-1", e);
        }
    }

    private static byte[] resource(String name) {
        try (InputStream in = RedisLayout.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing from the connector's jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
