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
}
