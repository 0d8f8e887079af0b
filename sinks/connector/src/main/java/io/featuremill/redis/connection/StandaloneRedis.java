package io.featuremill.redis.connection;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A single Redis or Valkey server.
 *
 * @param username the ACL user, or null for the default one
 * @param password its password, or null for a server without
 * @param connectTimeout how long a connection may take
 * @param requestTimeout how long Redis may be silent while answers are due
 */
public record StandaloneRedis(
        String host,
        int port,
        String username,
        String password,
        int database,
        Duration connectTimeout,
        Duration requestTimeout)
        implements RedisConnector {

    @Override
    public RedisConnection connect() throws RedisSinkException {
        // No protocol is named, since naming one is a HELLO, which not every server or proxy knows; the older one is what we get.
        JedisClientConfig config = DefaultJedisClientConfig.builder()
                .user(username)
                .password(password)
                .database(database)
                .connectionTimeoutMillis((int) connectTimeout.toMillis())
                .socketTimeoutMillis((int) requestTimeout.toMillis())
                .clientName("featuremill-redis")
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .build();
        try {
            return new StandaloneConnection(new Connection(new HostAndPort(host, port), config));
        } catch (JedisDataException e) {
            throw refused(new RedisErrorReply(e.getMessage()), e);
        } catch (JedisException e) {
            throw new RedisUnavailableException("Can't connect to Redis at " + address() + ": " + rootMessage(e), e);
        }
    }

    private RedisSinkException refused(RedisErrorReply reply, JedisDataException e) {
        String message = "Redis at " + address() + " refuses the connection: " + reply.message();
        return reply.kind() == RedisErrorReply.Kind.TRANSIENT
                ? new RedisUnavailableException(message, e)
                : new RedisConfigurationException(message, e);
    }

    private String address() {
        return host + ":" + port;
    }

    /** Jedis puts the reason of a failed connection beside the exception, and of a lost one below it. */
    private static String rootMessage(Throwable e) {
        Throwable root = e.getSuppressed().length > 0 ? e.getSuppressed()[0] : e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    /** Without the password: this goes into logs and plans. */
    @Override
    public String toString() {
        return "redis://" + (username == null ? "" : username + "@") + address() + "/" + database;
    }

    private final class StandaloneConnection implements RedisConnection {

        private final Connection connection;

        private StandaloneConnection(Connection connection) {
            this.connection = connection;
        }

        @Override
        public List<Object> exchange(List<RedisCommand> commands) throws RedisUnavailableException {
            try {
                for (RedisCommand command : commands) {
                    connection.sendCommand(command::name, command.args());
                }
                List<Object> replies = new ArrayList<>(commands.size());
                // Errors are among the answers, as exceptions that weren't thrown.
                for (Object reply : connection.getMany(commands.size())) {
                    replies.add(answer(reply));
                }
                return replies;
            } catch (JedisConnectionException e) {
                throw new RedisUnavailableException("Lost Redis at " + address() + ": " + rootMessage(e), e);
            }
        }

        /** What EXEC answers is a list with errors of its own. */
        private static Object answer(Object reply) {
            if (reply instanceof JedisDataException error) {
                return new RedisErrorReply(error.getMessage());
            }
            return reply instanceof List<?> replies
                    ? replies.stream().map(StandaloneConnection::answer).collect(Collectors.toList())
                    : reply;
        }

        @Override
        public void close() {
            try {
                connection.close();
            } catch (JedisException e) {
                // It was broken before, and nothing is waiting for it any more.
            }
        }
    }
}
