package io.featuremill.redis.connection;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A command for Redis, or several that belong together, as the bytes that go to the server (RESP: an array of bulk strings for
 * each). They are made once, in one array, since this is where most of a sink's work lies.
 */
public final class RedisCommand {

    private final byte[] wire;
    private final int length;
    private final int replies;

    private RedisCommand(byte[] wire, int length, int replies) {
        this.wire = wire;
        this.length = length;
        this.replies = replies;
    }

    /** A command of a few words. */
    public static RedisCommand of(String... words) {
        return of(Arrays.stream(words).map(word -> word.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new));
    }

    /** The same, of words that need not be text. */
    public static RedisCommand of(byte[]... words) {
        Builder command = new Builder(64).begin(words.length);
        for (byte[] word : words) {
            command.word(word);
        }
        return command.build();
    }

    /** A word as it stands in a command, for {@link Builder#encoded}. */
    public static byte[] encoded(byte[] word) {
        RedisCommand encoded = new Builder(word.length + 16).word(word).build();
        return Arrays.copyOf(encoded.wire, encoded.length);
    }

    /** How many answers it has. */
    public int replies() {
        return replies;
    }

    /** How many bytes it is on the way to the server. */
    public int sizeInBytes() {
        return length;
    }

    void writeTo(OutputStream out) throws IOException {
        out.write(wire, 0, length);
    }

    /** Its words again, those of all commands in a row: for tests. */
    public List<byte[]> words() {
        List<byte[]> words = new ArrayList<>();
        int at = 0;
        while (at < length) {
            int end = at;
            while (wire[end] != '\r') {
                end++;
            }
            int number = Integer.parseInt(new String(wire, at + 1, end - at - 1, StandardCharsets.US_ASCII));
            boolean word = wire[at] == '$';
            at = end + 2;
            if (word) {
                words.add(Arrays.copyOfRange(wire, at, at + number));
                at += number + 2;
            }
        }
        return words;
    }

    /** Without its words, of which one may be a secret. */
    @Override
    public String toString() {
        return "RedisCommand(" + length + " bytes)";
    }

    /** Puts commands together: for each {@link #begin} and then as many words as were told. */
    public static final class Builder {

        /** How words begin that are not long, by their length: to divide it into digits would be half of the work. */
        private static final byte[][] BEGINNINGS = IntStream.range(0, 256)
                .mapToObj(length -> ("$" + length + "\r\n").getBytes(StandardCharsets.US_ASCII)).toArray(byte[][]::new);

        private byte[] bytes;
        private int length;
        private int commands;

        /** @param capacity about how many bytes it will be */
        public Builder(int capacity) {
            this.bytes = new byte[capacity];
        }

        public Builder begin(int words) {
            commands++;
            room(16);
            bytes[length++] = '*';
            digits(words);
            endOfLine();
            return this;
        }

        public Builder word(byte[] word) {
            begin(word.length, 0);
            put(word);
            endOfLine();
            return this;
        }

        /** A word that is a character and another one behind it. */
        public Builder word(char first, byte[] rest) {
            begin(rest.length, 1);
            bytes[length++] = (byte) first;
            put(rest);
            endOfLine();
            return this;
        }

        /** A word that is a number in decimal digits. */
        public Builder word(long number) {
            begin(0, length(number));
            digits(number);
            endOfLine();
            return this;
        }

        /** A word that is two numbers with a character between them. */
        public Builder word(long number, char between, long other) {
            begin(0, length(number) + 1 + length(other));
            digits(number);
            bytes[length++] = (byte) between;
            digits(other);
            endOfLine();
            return this;
        }

        /** Words, or whole commands' beginnings, that were {@linkplain RedisCommand#encoded encoded} before. */
        public Builder encoded(byte[] encoded) {
            room(encoded.length);
            put(encoded);
            return this;
        }

        /** Whole commands. */
        public Builder add(RedisCommand others) {
            room(others.length);
            System.arraycopy(others.wire, 0, bytes, length, others.length);
            length += others.length;
            commands += others.replies;
            return this;
        }

        public RedisCommand build() {
            return new RedisCommand(bytes, length, commands);
        }

        private void begin(int given, int more) {
            int size = given + more;
            room(size + 20);
            if (size < BEGINNINGS.length) {
                put(BEGINNINGS[size]);
            } else {
                bytes[length++] = '$';
                digits(size);
                endOfLine();
            }
        }

        private void put(byte[] word) {
            System.arraycopy(word, 0, bytes, length, word.length);
            length += word.length;
        }

        private void endOfLine() {
            bytes[length++] = '\r';
            bytes[length++] = '\n';
        }

        private void digits(long number) {
            if (number == Long.MIN_VALUE) {
                throw new IllegalArgumentException("Out of range");
            }
            int end = length + length(number);
            long rest = Math.abs(number);
            for (int at = end - 1; at >= length; at--) {
                bytes[at] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
            if (number < 0) {
                bytes[length] = '-';
            }
            length = end;
        }

        private static int length(long number) {
            int length = number < 0 ? 2 : 1;
            for (long rest = Math.abs(number); rest >= 10; rest /= 10) {
                length++;
            }
            return length;
        }

        private void room(int more) {
            if (bytes.length - length < more) {
                bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(length, more), (int) Math.min(2L * bytes.length, Integer.MAX_VALUE - 8)));
            }
        }
    }
}
