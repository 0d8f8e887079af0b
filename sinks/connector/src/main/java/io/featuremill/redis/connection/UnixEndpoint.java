package io.featuremill.redis.connection;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** A Unix domain socket, on the machine of the writer. */
public record UnixEndpoint(String path) implements Endpoint {

    @Override
    public JedisSocketFactory sockets(Duration connectTimeout, Duration requestTimeout) {
        return () -> {
            try {
                return ChannelSocket.connect(
                        UnixDomainSocketAddress.of(path), (int) connectTimeout.toMillis(), (int) requestTimeout.toMillis());
            } catch (IOException e) {
                throw new JedisConnectionException("Failed to connect to " + path, e);
            }
        };
    }

    @Override
    public String uri(String username, int database) {
        return "unix://" + (username == null ? "" : username + "@") + path + "?db=" + database;
    }

    @Override
    public String toString() {
        return path;
    }
}
