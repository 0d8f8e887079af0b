package io.featuremill.redis.connection;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A single Redis or Valkey server.
 *
 * @param endpoint where it listens
 * @param username the ACL user, or null for the default one
 * @param password its password, or null for a server without
 * @param connectTimeout how long a connection may take
 * @param requestTimeout how long Redis may be silent while answers are due
 */
public record StandaloneRedis(
        Endpoint endpoint,
        String username,
        String password,
        int database,
        Duration connectTimeout,
        Duration requestTimeout)
        implements RedisConnector {

    /** A server without TLS. */
    public StandaloneRedis(
            String host, int port, String username, String password, int database, Duration connectTimeout, Duration requestTimeout) {
        this(new TcpEndpoint(host, port, null), username, password, database, connectTimeout, requestTimeout);
    }

    @Override
    public RedisConnection connect() throws RedisSinkException {
        // No protocol is named, since naming one is a HELLO, which not every server or proxy knows; the older one is what we get.
        JedisClientConfig config = DefaultJedisClientConfig.builder()
                .user(username)
                .password(password)
                .database(database)
                .socketTimeoutMillis((int) requestTimeout.toMillis())
                .clientName("featuremill-redis")
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .build();
        JedisSocketFactory sockets = endpoint.sockets(connectTimeout, requestTimeout);
        Socket[] opened = {null};
        try {
            Connection connection = new Connection(() -> opened[0] = sockets.createSocket(), config);
            return new StandaloneConnection(connection, opened[0].getOutputStream());
        } catch (IOException e) {
            throw new RedisUnavailableException("Can't connect to Redis at " + endpoint + ": " + rootMessage(e), e);
        } catch (JedisDataException e) {
            throw refused(new RedisErrorReply(e.getMessage()), e);
        } catch (JedisException e) {
            if (isAboutTls(e)) {
                throw new RedisConfigurationException("No secure connection to Redis at " + endpoint + ": " + rootMessage(e), e);
            }
            throw new RedisUnavailableException("Can't connect to Redis at " + endpoint + ": " + rootMessage(e), e);
        }
    }

    private RedisSinkException refused(RedisErrorReply reply, JedisDataException e) {
        String message = "Redis at " + endpoint + " refuses the connection: " + reply.message();
        return reply.kind() == RedisErrorReply.Kind.TRANSIENT
                ? new RedisUnavailableException(message, e)
                : new RedisConfigurationException(message, e);
    }

    /** A certificate that isn't trusted won't be so by the next attempt. A connection that ended during the handshake is another matter. */
    private static boolean isAboutTls(Throwable e) {
        boolean tls = false;
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketException || cause instanceof SocketTimeoutException || cause instanceof EOFException) {
                return false;
            }
            tls |= cause instanceof SSLException;
        }
        return tls;
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
        return endpoint.uri(username, database);
    }

    /** Jedis connects and reads the answers; the commands, which are bytes already, go past it. */
    private final class StandaloneConnection implements RedisConnection {

        private static final int CHUNK = 64 * 1024;

        private final Connection connection;
        private final OutputStream out;

        private StandaloneConnection(Connection connection, OutputStream out) {
            this.connection = connection;
            this.out = new BufferedOutputStream(out, CHUNK);
        }

        @Override
        public List<Object> exchange(Iterable<RedisCommand> commands) throws RedisUnavailableException {
            try {
                int due = 0;
                for (RedisCommand command : commands) {
                    command.writeTo(out);
                    due += command.replies();
                }
                out.flush();
                // Errors are among the answers, as exceptions that weren't thrown.
                List<Object> replies = connection.getMany(due);
                replies.replaceAll(StandaloneConnection::answer);
                return replies;
            } catch (IOException | JedisConnectionException e) {
                throw new RedisUnavailableException("Lost Redis at " + endpoint + ": " + rootMessage(e), e);
            }
        }

        /** What EXEC answers is a list with errors of its own. */
        private static Object answer(Object reply) {
            if (reply instanceof JedisDataException error) {
                return new RedisErrorReply(error.getMessage());
            }
            if (reply instanceof List<?> list) {
                @SuppressWarnings("unchecked") // as Jedis reads it
                List<Object> replies = (List<Object>) list;
                replies.replaceAll(StandaloneConnection::answer);
            }
            return reply;
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
