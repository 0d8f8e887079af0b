package io.featuremill.redis;

import io.featuremill.redis.connection.RedisCommand;
import io.featuremill.redis.connection.RedisConnection;
import io.featuremill.redis.connection.RedisErrorReply;
import io.featuremill.redis.connection.RedisUnavailableException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code 'write.guard' = 'none'}: one transaction for each row.
 *
 * <p>Nothing in Redis compares, so the order in which writes get there is all there is. A connection that was given up may have
 * left writes on the way, which would land after newer ones: whoever sends them again has the server close the old connection
 * first.
 */
final class UnguardedWrites implements Writes {

    private static final Pattern CLIENT = Pattern.compile("\\bid=(\\d+) addr=(.+?) laddr=");

    /** The connection before this one, as the server knows it; null as long as there was none. */
    private RedisCommand closePrevious;

    @Override
    public RedisErrorReply prepare(RedisConnection connection) throws RedisUnavailableException {
        List<RedisCommand> commands = new ArrayList<>();
        if (closePrevious != null) {
            commands.add(closePrevious);
        }
        // Where MULTI is forbidden, what follows it would be done all the same, one by one: better seen before the first row.
        commands.addAll(RedisLayout.emptyTransaction());
        commands.add(RedisCommand.of("CLIENT", "INFO"));
        List<Object> replies = connection.exchange(commands);
        for (Object reply : replies) {
            if (reply instanceof RedisErrorReply error) {
                return error;
            }
        }
        String info = new String((byte[]) replies.get(replies.size() - 1), StandardCharsets.UTF_8);
        Matcher client = CLIENT.matcher(info);
        if (!client.find()) {
            return new RedisErrorReply("ERR the answer to CLIENT INFO has no id and address: " + info);
        }
        // By its address as well, since a server that restarts counts from 1 again: the id alone may be another's by then.
        closePrevious = RedisCommand.of("CLIENT", "KILL", "ID", client.group(1), "ADDR", client.group(2));
        return null;
    }

    @Override
    public RedisCommand command(FeatureRow row) {
        return RedisLayout.unguardedWrite(row);
    }

    /** The first error in the order of the commands tells why; EXEC's own only says that there was one, unless it was the first. */
    @Override
    public Object outcome(List<Object> replies) {
        for (Object reply : replies) {
            if (reply instanceof RedisErrorReply) {
                return reply;
            }
        }
        for (Object reply : (List<?>) replies.get(replies.size() - 1)) {
            if (reply instanceof RedisErrorReply) {
                return reply;
            }
        }
        return RedisLayout.WRITTEN;
    }
}
