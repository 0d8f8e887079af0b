package io.featuremill.redis;

import io.featuremill.redis.connection.RedisCommand;
import io.featuremill.redis.connection.RedisConnection;
import io.featuremill.redis.connection.RedisErrorReply;
import io.featuremill.redis.connection.RedisUnavailableException;
import java.util.List;

/** How a row becomes commands, and what the answers to them mean together. Belongs to one {@link RowSender}. */
interface Writes {

    /**
     * Makes a new connection ready for {@link #commands}; also called when the server answers that it doesn't know the script.
     *
     * @return what Redis has against it, or null
     */
    RedisErrorReply prepare(RedisConnection connection) throws RedisUnavailableException;

    /** What writes a row. */
    RedisCommand command(FeatureRow row);

    /**
     * What the answers to it say of the row.
     *
     * @return 1 for a row that was written, 0 for one that the guard turned away, or a {@link RedisErrorReply}
     */
    Object outcome(List<Object> replies);
}
