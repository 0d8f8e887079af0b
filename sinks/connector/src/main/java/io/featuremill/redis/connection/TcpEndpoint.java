package io.featuremill.redis.connection;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * A name or an address and a port.
 *
 * @param tls how the connection is secured, or null if it isn't
 */
public record TcpEndpoint(String host, int port, Tls tls) implements Endpoint {

    @Override
    public JedisSocketFactory sockets(Duration connectTimeout, Duration requestTimeout) throws RedisConfigurationException {
        SSLSocketFactory secure = tls == null ? null : tls.socketFactory();
        return () -> {
            try {
                Socket plain = connect((int) connectTimeout.toMillis(), (int) requestTimeout.toMillis());
                return secure == null ? plain : secured(plain, secure);
            } catch (IOException e) {
                throw new JedisConnectionException("Failed to connect to " + this, e);
            }
        };
    }

    /** To the first of the name's addresses where somebody listens. */
    private Socket connect(int connectTimeoutMs, int timeoutMs) throws IOException {
        IOException failed = null;
        for (InetAddress address : InetAddress.getAllByName(host)) {
            try {
                return ChannelSocket.connect(new InetSocketAddress(address, port), connectTimeoutMs, timeoutMs);
            } catch (IOException e) {
                if (failed != null) {
                    e.addSuppressed(failed);
                }
                failed = e;
            }
        }
        throw failed;
    }

    private Socket secured(Socket plain, SSLSocketFactory secure) throws IOException {
        try {
            SSLSocket socket = (SSLSocket) secure.createSocket(plain, host, port, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate has to be for this host
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket;
        } catch (IOException e) {
            plain.close();
            throw e;
        }
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
