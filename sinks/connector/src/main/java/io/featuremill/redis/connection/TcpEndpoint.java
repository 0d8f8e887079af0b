package io.featuremill.redis.connection;

import java.time.Duration;
import javax.net.ssl.SSLParameters;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisSocketFactory;

/**
 * A name or an address and a port.
 *
 * @param tls how the connection is secured, or null if it isn't
 */
public record TcpEndpoint(String host, int port, Tls tls) implements Endpoint {

    @Override
    public JedisSocketFactory sockets(Duration connectTimeout, Duration requestTimeout) throws RedisConfigurationException {
        DefaultJedisClientConfig.Builder config = DefaultJedisClientConfig.builder()
                .connectionTimeoutMillis((int) connectTimeout.toMillis())
                .socketTimeoutMillis((int) requestTimeout.toMillis());
        if (tls != null) {
            SSLParameters parameters = new SSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate has to be for this host
            config.ssl(true).sslSocketFactory(tls.socketFactory()).sslParameters(parameters);
        }
        return new DefaultJedisSocketFactory(new HostAndPort(host, port), config.build());
    }

    @Override
    public String uri(String username, int database) {
        return (tls == null ? "redis://" : "rediss://") + (username == null ? "" : username + "@") + this + "/" + database;
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
