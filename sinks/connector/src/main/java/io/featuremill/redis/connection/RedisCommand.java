package io.featuremill.redis.connection;

import java.nio.charset.StandardCharsets;

/** A command for Redis as bytes: its name and its arguments. */
public record RedisCommand(byte[] name, byte[]... args) {

    public static RedisCommand of(String name, String... args) {
        byte[][] bytes = new byte[args.length][];
        for (int i = 0; i < args.length; i++) {
            bytes[i] = args[i].getBytes(StandardCharsets.UTF_8);
        }
        return new RedisCommand(name.getBytes(StandardCharsets.UTF_8), bytes);
    }

    /** How many bytes it is on the way to the server. */
    public long sizeInBytes() {
        long size = 3 + digits(1 + args.length) + sizeInBytes(name);
        for (byte[] arg : args) {
            size += sizeInBytes(arg);
        }
        return size;
    }

    private static long sizeInBytes(byte[] arg) {
        return 5 + digits(arg.length) + arg.length;
    }

    private static int digits(int number) {
        int digits = 1;
        for (int rest = number; rest >= 10; rest /= 10) {
            digits++;
        }
        return digits;
    }
}
