package io.featuremill.redis;

import io.featuremill.redis.connection.RedisCommand;
import io.featuremill.redis.connection.RedisConnection;
import io.featuremill.redis.connection.RedisErrorReply;
import io.featuremill.redis.connection.RedisUnavailableException;
import java.util.List;

/** {@code 'write.guard' = 'event-time'}: one call of the script for each row. */
final class GuardedWrites implements Writes {

    @Override
    public RedisErrorReply prepare(RedisConnection connection) throws RedisUnavailableException {
        Object reply = connection.exchange(List.of(RedisLayout.loadGuard())).get(0);
        return reply instanceof RedisErrorReply error ? error : null;
    }

    @Override
    public RedisCommand command(FeatureRow row) {
        return RedisLayout.write(row);
    }

    @Override
    public Object outcome(List<Object> replies) {
        return replies.get(0);
    }
}
