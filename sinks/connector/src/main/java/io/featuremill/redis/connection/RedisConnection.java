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
     * @return an answer for each command, in order: a Long, a byte[], a List, null, or a {@link RedisErrorReply}
     * @throws RedisUnavailableException if not all answers came; which of the commands took effect isn't known then, and the
     *     connection can't be used any more
     */
    List<Object> exchange(List<RedisCommand> commands) throws RedisUnavailableException;

    @Override
    void close();
}
