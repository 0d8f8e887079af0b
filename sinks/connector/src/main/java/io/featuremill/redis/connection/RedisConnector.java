package io.featuremill.redis.connection;

import java.io.Serializable;

/** Makes connections; goes with the job to where its writers run. */
public interface RedisConnector extends Serializable {

    /**
     * Connects, authenticates and selects the database: all of it anew each time, since a server forgets them with the
     * connection.
     *
     * @throws RedisUnavailableException if it may work later
     * @throws RedisConfigurationException if it won't until somebody changes something
     */
    RedisConnection connect() throws RedisSinkException;
}
