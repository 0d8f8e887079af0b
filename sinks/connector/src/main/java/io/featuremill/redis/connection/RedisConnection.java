package io.featuremill.redis.connection;

import java.util.List;

/**
 * A way to send commands to Redis and to hear its answers. A single server is one; a cluster, which sends each command to the
 * node that holds its key, would be another.
 */
public interface RedisConnection extends AutoCloseable {

    /**
     * Sends all commands in one pipeline and waits for all answers.
     *
     * @param commands gone through once, while they are sent
     * @return the answers to each command, in order: a Long, a byte[], a List, null, or a {@link RedisErrorReply}
     * @throws RedisUnavailableException if not all answers came; which of the commands took effect isn't known then, and the
     *     connection can't be used any more
     */
    List<Object> exchange(Iterable<RedisCommand> commands) throws RedisUnavailableException;

    @Override
    void close();
}
