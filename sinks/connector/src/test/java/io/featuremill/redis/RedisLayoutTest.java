package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static io.featuremill.redis.Rows.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.featuremill.redis.connection.RedisCommand;
import io.featuremill.redis.connection.RedisConnection;
import io.featuremill.redis.connection.RedisErrorReply;
import io.featuremill.redis.connection.RedisSinkException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.Jedis;

/** guard.lua on a real server. */
class RedisLayoutTest {

    private static final long WRITTEN = 1;
    private static final long REJECTED = 0;
    private static RealRedis server;
    private Jedis redis;
    private RedisConnection connection;

    @BeforeAll
    static void start() {
        server = new RealRedis();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() throws RedisSinkException {
        redis = server.client();
        redis.flushAll();
        connection = server.connector().connect();
        connection.exchange(List.of(RedisLayout.loadGuard()));
    }

    @AfterEach
    void disconnect() {
        connection.close();
        redis.close();
    }

    @Test
    void aRowIsAHashOfItsFeaturesAndItsPlaceInTime() throws RedisSinkException {
        assertThat(write(row("airport:JFK", 1000, 7, "a", "1", "b", "ü"))).isEqualTo(WRITTEN);
        assertThat(redis.hgetAll("airport:JFK")).isEqualTo(Map.of("a", "1", "b", "ü", "@p", "1000-7"));
        assertThat(redis.pttl("airport:JFK")).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({
        "1000, 7, 1000, 7, 1", // equal: the later arrival wins
        "1000, 7, 1000, 8, 1",
        "1000, 7, 1000, 6, 0",
        "1000, 7, 1001, 0, 1",
        "1000, 7,  999, 9, 0",
        " 999, 0, 1000, 0, 1", // as numbers, not as text
        "  -5, 0,   -4, 0, 1",
        "  -5, 0,   -6, 0, 0",
        "  -5, 0,    0, 0, 1",
        "9007199254740990, 0, 9007199254740991, 0, 1",
        "9007199254740991, 0, 9007199254740990, 0, 0",
        "1, 9007199254740990, 1, 9007199254740989, 0",
    })
    void aNewerOrEqualRowWins(long firstTime, long firstSequence, long time, long sequence, long answer)
            throws RedisSinkException {
        write(row("k", firstTime, firstSequence, "a", "first"));
        assertThat(write(row("k", time, sequence, "a", "second"))).isEqualTo(answer);
        assertThat(redis.hgetAll("k")).isEqualTo(answer == WRITTEN
                ? Map.of("a", "second", "@p", time + "-" + sequence)
                : Map.of("a", "first", "@p", firstTime + "-" + firstSequence));
    }

    @Test
    void aPipelineGuardsOnlyItself() throws RedisSinkException {
        write(row("k", "p", 9, 0, -1, "a", "1"));
        assertThat(write(row("k", "q", 1, 0, -1, "b", "2"))).isEqualTo(WRITTEN);
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("a", "1", "@p", "9-0", "b", "2", "@q", "1-0"));
    }

    @Test
    void nullRemovesAndAbsentIsLeftAlone() throws RedisSinkException {
        write(row("k", 1, 0, "a", "1", "b", "1", "c", "1"));
        write(row("k", 2, 0, "a", null, "b", "2"));
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("b", "2", "c", "1", "@p", "2-0"));
    }

    @Test
    void theGuardOutlivesARemoval() throws RedisSinkException {
        write(row("k", 1, 0, "a", "1"));
        assertThat(write(row("k", 2, 0, "a", null))).isEqualTo(WRITTEN);
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("@p", "2-0"));
        assertThat(write(row("k", 1, 0, "a", "1"))).as("a replay").isEqualTo(REJECTED);
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("@p", "2-0"));
    }

    @Test
    void aRowWithoutFeaturesMovesThePlaceInTime() throws RedisSinkException {
        write(row("k", 1, 0, "a", "1"));
        assertThat(write(row("k", 2, 0))).isEqualTo(WRITTEN);
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("a", "1", "@p", "2-0"));
    }

    @ParameterizedTest
    @CsvSource({
        "-2,     50000, 50000", // a new key: this row's
        "-2,        -1,    -1",
        "-1,     50000,    -1", // one that never expires stays so
        "-1,        -1,    -1",
        "90000,  50000, 90000", // the longer of the two
        "50000,  90000, 90000",
        "50000,     -1,    -1", // a row without one makes the key persistent
    })
    void theLongestLifeWins(long before, long asked, long after) throws RedisSinkException {
        if (before != -2) {
            write(row("k", "q", 1, 0, before, "b", "1"));
        }
        write(row("k", "p", 1, 0, asked, "a", "1"));
        assertThat(redis.pttl("k")).isBetween(Math.max(after - 5000, -1), after);
    }

    @Test
    void aRejectedRowExtendsNothing() throws RedisSinkException {
        write(row("k", "p", 2, 0, 50_000, "a", "1"));
        assertThat(write(row("k", "p", 1, 0, 90_000, "a", "0"))).isEqualTo(REJECTED);
        assertThat(redis.pttl("k")).isBetween(40_000L, 50_000L);
        assertThat(write(row("k", "p", 1, 0, -1, "a", "0"))).isEqualTo(REJECTED);
        assertThat(redis.pttl("k")).isBetween(40_000L, 50_000L);
    }

    @Test
    void aKeyExpires() throws RedisSinkException {
        write(row("k", "p", 2, 0, 30, "a", "1"));
        RealRedis.sleep(60);
        assertThat(redis.exists("k")).isFalse();
    }

    @Test
    void theLongestTimeToLiveIsTaken() throws RedisSinkException {
        assertThat(write(row("k", "p", 2, 0, RedisLayout.BIGGEST_NUMBER, "a", "1"))).isEqualTo(WRITTEN);
        assertThat(redis.pttl("k")).isGreaterThan(RedisLayout.BIGGEST_NUMBER - 10_000);
    }

    @Test
    void manyFeaturesFitInOneRow() throws RedisSinkException {
        String[] set = new String[2 * 20_000];
        String[] removed = new String[2 * 20_000];
        for (int i = 0; i < 20_000; i++) {
            set[2 * i] = removed[2 * i] = "f" + i;
            set[2 * i + 1] = "" + i;
        }
        assertThat(write(row("k", 1, 0, set))).isEqualTo(WRITTEN);
        assertThat(redis.hlen("k")).isEqualTo(20_001);
        assertThat(redis.hget("k", "f19999")).isEqualTo("19999");
        assertThat(write(row("k", 2, 0, removed))).isEqualTo(WRITTEN);
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("@p", "2-0"));
    }

    @Test
    void aKeyOfAnotherTypeIsLeftAlone() {
        redis.set("k", "text");
        assertThat(error(RedisLayout.write(row("k", 1, 0, "a", "1"))).kind()).isEqualTo(RedisErrorReply.Kind.ROW);
        assertThat(error(RedisLayout.write(row("k", 1, 0, "a", "1"))).code()).isEqualTo("WRONGTYPE");
        assertThat(redis.get("k")).isEqualTo("text");
    }

    @Test
    void aGuardThatIsNoneIsLeftAlone() {
        redis.hset("k", "@p", "yesterday");
        RedisErrorReply error = error(RedisLayout.write(row("k", 1, 0, "a", "1")));
        assertThat(error.code()).isEqualTo("FMGUARD");
        assertThat(error.kind()).isEqualTo(RedisErrorReply.Kind.ROW);
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("@p", "yesterday"));
    }

    /** Each of these would otherwise be found by a command halfway, after the first write. */
    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {
        "1.5 0 '' 1 @p 1.5-0",
        "x 0 '' 1 @p x-0",
        "9007199254740992 0 '' 1 @p 9007199254740992-0",
        "1 -1 '' 1 @p 1--1",
        "1 9007199254740992 '' 1 @p 1-9007199254740992",
        "1 0 0 1 @p 1-0",
        "1 0 -5 1 @p 1-0",
        "1 0 soon 1 @p 1-0",
        "1 0 '' 0 @p 1-0",
        "1 0 '' 2 @p 1-0",
        "1 0 '' 1 p 1-0",
        "1 0 '' 1 @p 2-0",
    })
    void wrongArgumentsAreFoundBeforeTheFirstWrite(
            String time, String sequence, String ttl, String fields, String pipeline, String place) {
        List<byte[]> right = RedisLayout.write(row("k", 1, 0)).words();
        RedisCommand wrong = RedisCommand.of(
                right.get(0), right.get(1), utf8("1"), utf8("k"), utf8(time), utf8(sequence), utf8(ttl), utf8(fields), utf8(pipeline),
                utf8(place));
        assertThat(error(wrong).code()).isEqualTo("FMARGS");
        assertThat(redis.exists("k")).isFalse();
    }

    @Test
    void aServerThatIsFullSaysSoBeforeAnythingHasChanged() throws RedisSinkException {
        write(row("k", 1, 0, "a", "1"));
        redis.configSet("maxmemory", "1");
        try {
            RedisErrorReply error = error(RedisLayout.write(row("k", 2, 0, "a", "2", "b", "2")));
            assertThat(error.code()).isEqualTo("OOM");
            assertThat(error.kind()).isEqualTo(RedisErrorReply.Kind.TRANSIENT);
        } finally {
            redis.configSet("maxmemory", "0");
        }
        assertThat(redis.hgetAll("k")).isEqualTo(Map.of("a", "1", "@p", "1-0"));
    }

    private long write(FeatureRow row) throws RedisSinkException {
        return (Long) connection.exchange(List.of(RedisLayout.write(row))).get(0);
    }

    private RedisErrorReply error(RedisCommand command) {
        try {
            return (RedisErrorReply) connection.exchange(List.of(command)).get(0);
        } catch (RedisSinkException e) {
            throw new AssertionError(e);
        }
    }
}
