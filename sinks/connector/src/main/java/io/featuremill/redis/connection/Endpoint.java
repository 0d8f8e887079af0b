package io.featuremill.redis.connection;

import java.io.Serializable;
import java.time.Duration;
import redis.clients.jedis.JedisSocketFactory;

/** Where a server listens. */
public interface Endpoint extends Serializable {

    /** What opens a socket to it, with the files read that it takes. */
    JedisSocketFactory sockets(Duration connectTimeout, Duration requestTimeout) throws RedisConfigurationException;

    /** For logs and plans. */
    String uri(String username, int database);
}
