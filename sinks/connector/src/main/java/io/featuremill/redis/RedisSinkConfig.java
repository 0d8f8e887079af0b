package io.featuremill.redis;

import io.featuremill.redis.connection.RedisConnector;
import io.featuremill.redis.deadletter.DeadLetterQueue;
import java.io.Serializable;
import java.time.Duration;

/**
 * All that a {@link RedisSink} needs to know.
 *
 * @param guarded whether a script compares each row with what is in Redis; else the last to arrive wins
 * @param connections how many connections a writer has
 * @param maxRows a flush follows when so many rows are buffered
 * @param maxBytes a flush follows when the buffer has about so many bytes
 * @param flushInterval how old a buffered row gets before a stream writer flushes, and how long a removal waits
 * @param maxValueBytes how long a feature's value may be; a row with a longer one is bad
 * @param deadLetters where bad rows go; null if one ends the job
 */
public record RedisSinkConfig(
        RedisConnector connector,
        RetryPolicy retries,
        boolean batch,
        boolean guarded,
        int connections,
        int maxRows,
        long maxBytes,
        Duration flushInterval,
        int maxValueBytes,
        DeadLetterQueue.Opener deadLetters)
        implements Serializable {}
