package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.featuremill.redis.FlawedSinks.Subject;
import io.featuremill.redis.connection.RedisCommand;
import io.featuremill.redis.connection.RedisConfigurationException;
import io.featuremill.redis.connection.RedisConnection;
import io.featuremill.redis.connection.RedisConnector;
import io.featuremill.redis.table.RedisOptions;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol;

/** Who a connection is, and for which database. */
class ConnectionFlawsTest extends FlawTest {

    @Test
    void flaw09AReconnectForgetsTheDatabaseOrTheUser() throws Exception {
        redis.aclSetUser("writer", "reset", "on", ">x", "allkeys", "+@all");
        RedisConnector sound = server.connector("writer", "x", 3);
        for (boolean guarded : List.of(true, false)) {
            assertThat(databaseAfterAReconnect(sound, guarded)).isEqualTo(3);
        }
        assertThat(databaseAfterAReconnect(FlawedSinks.forgetsItsDatabase(sound, server.connector()), true)).isEqualTo(0);
    }

    private int databaseAfterAReconnect(RedisConnector connector, boolean guarded) throws Exception {
        redis.flushAll();
        Subject sink = opened(new Ours(connector, guarded, PATIENT));
        sink.write(row("before", 1, 0, "a", "1"));
        sink.checkpoint();
        redis.sendCommand(Protocol.Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "yes");
        sink.write(row("k", 1, 0, "a", "1"));
        sink.checkpoint();
        for (int database : List.of(0, 3)) {
            redis.select(database);
            boolean found = redis.exists("k");
            redis.select(0);
            if (found) {
                return database;
            }
        }
        throw new AssertionError("The row is nowhere");
    }

    @Test
    void flaw10APasswordWithACommaCantBeWritten() throws Exception {
        String password = "a,b:c@d/e 'f' \"g\" #?%2C=ü";
        redis.aclSetUser("writer", "reset", "on", ">" + password, "allkeys", "+@all");
        RedisConnector ours = RedisOptions.sinkConfig(Configuration.fromMap(Map.of(
                "host", "127.0.0.1", "port", "" + server.port, "username", "writer", "password", password, "on-bad-row", "fail")), false)
                .connector();
        try (RedisConnection connection = ours.connect()) {
            assertThat((byte[]) connection.exchange(List.of(RedisCommand.of("ACL", "WHOAMI"))).get(0)).asString().isEqualTo("writer");
        }
        assertThat(ours.toString()).doesNotContain("a,b");
        assertThatThrownBy(FlawedSinks.fromOneText("127.0.0.1," + server.port + ",writer," + password)::connect)
                .isInstanceOf(RedisConfigurationException.class).hasMessageContaining("WRONGPASS");
    }
}
