package io.featuremill.redis;

import io.featuremill.redis.connection.RedisCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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

    /** For numbers and what surrounds the words, roughly, so that a command's array rarely grows. */
    private static final int FRAME = 256;

    private static final int FRAME_OF_A_WORD = 8;

    private static final RedisCommand MULTI = RedisCommand.of("MULTI");
    private static final RedisCommand EXEC = RedisCommand.of("EXEC");
    private static final byte[] HSET = word("HSET");
    private static final byte[] HDEL = word("HDEL");
    private static final byte[] PEXPIRE = word("PEXPIRE");
    private static final byte[] PERSIST = word("PERSIST");
    private static final byte[] EVALSHA = word("EVALSHA");
    private static final byte[] ONE = word("1");
    private static final byte[] NO_TTL = word("");

    private static final byte[] GUARD = resource("guard.lua");
    private static final byte[] GUARD_SHA = word(sha1(GUARD));

    private RedisLayout() {}

    /** Makes the server know the script; needed once for each server, and again whenever it answers NOSCRIPT. */
    public static RedisCommand loadGuard() {
        return RedisCommand.of(ascii("SCRIPT"), ascii("LOAD"), GUARD);
    }

    /** The guarded write of a row. The answer is 1 for a row that was written, 0 for one that met something newer. */
    public static RedisCommand write(FeatureRow row) {
        int set = row.valueCount();
        RedisCommand.Builder command = builder(row)
                .begin(10 + row.values().length + set)
                .encoded(EVALSHA)
                .encoded(GUARD_SHA)
                .encoded(ONE)
                .word(row.key().entityKey())
                .word(row.eventTime())
                .word(row.sequence());
        if (row.ttlMs() == FeatureRow.NEVER_EXPIRES) {
            command.encoded(NO_TTL);
        } else {
            command.word(row.ttlMs());
        }
        command.word(set + 1);
        addFieldsToSet(command, row);
        addFieldsToRemove(command, row);
        return command.build();
    }

    /** The write of a row whatever is in Redis: a transaction, of which every command but the last is answered by QUEUED. */
    static RedisCommand unguardedWrite(FeatureRow row) {
        byte[] key = row.key().entityKey();
        int set = row.valueCount();
        int removed = row.values().length - set;
        RedisCommand.Builder commands = builder(row).add(MULTI).begin(4 + 2 * set).encoded(HSET).word(key);
        addFieldsToSet(commands, row);
        if (removed > 0) {
            commands.begin(2 + removed).encoded(HDEL).word(key);
            addFieldsToRemove(commands, row);
        }
        if (row.ttlMs() == FeatureRow.NEVER_EXPIRES) {
            commands.begin(2).encoded(PERSIST).word(key);
        } else {
            commands.begin(3).encoded(PEXPIRE).word(key).word(row.ttlMs());
        }
        return commands.add(EXEC).build();
    }

    private static RedisCommand.Builder builder(FeatureRow row) {
        long size = FRAME + 2L * FRAME_OF_A_WORD * row.values().length + row.totalLength() + 2L * row.key().entityKey().length;
        return new RedisCommand.Builder((int) Math.min(size, Integer.MAX_VALUE / 2));
    }

    /** {@code @<pipeline>} with the row's place in time, {@code <event time in ms>-<sequence>}, and the features that have a value. */
    private static void addFieldsToSet(RedisCommand.Builder command, FeatureRow row) {
        command.word(RESERVED, row.key().pipeline()).word(row.eventTime(), '-', row.sequence());
        FeatureNames names = row.featureNames();
        byte[][] values = row.values();
        for (int i = 0; i < values.length; i++) {
            if (values[i] != null) {
                command.encoded(names.encoded(i)).word(values[i]);
            }
        }
    }

    private static void addFieldsToRemove(RedisCommand.Builder command, FeatureRow row) {
        if (row.valueCount() == row.values().length) {
            return;
        }
        FeatureNames names = row.featureNames();
        byte[][] values = row.values();
        for (int i = 0; i < values.length; i++) {
            if (values[i] == null) {
                command.encoded(names.encoded(i));
            }
        }
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

    private static byte[] word(String text) {
        return RedisCommand.encoded(ascii(text));
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
