package io.featuremill.redis.connection;

/** A command for Redis as bytes: its name and its arguments. */
public record RedisCommand(byte[] name, byte[]... args) {}
