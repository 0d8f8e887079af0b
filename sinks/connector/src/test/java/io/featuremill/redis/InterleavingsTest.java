package io.featuremill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;

/**
 * Writers, guard and state together, on a real Redis: rows, timers, checkpoints, deaths, restores at another number of writers, cuts
 * and errors in many random orders. Whatever the order, the end is what {@link LastWriteWins} says, and with the guard no reader
 * has seen anything go back.
 */
@Timeout(60)
class InterleavingsTest {

    private static final int SEEDS = 100;
    private static final long SHRINK_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static RealRedis server;
    private static Jedis redis;

    @BeforeAll
    static void start() {
        server = new RealRedis();
        redis = server.client();
    }

    @AfterAll
    static void stop() {
        redis.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"stream, true", "batch, true", "stream, false", "batch, false"})
    void theEndIsWhatTheRowsSay(String writer, boolean guarded) throws Exception {
        for (long seed = 0; seed < SEEDS; seed++) {
            Scenario scenario = Scenario.draw(seed, writer.equals("batch"), guarded);
            if (!complaints(scenario, ScenarioRun.Flaw.NONE).isEmpty()) {
                assertThat(smallest(scenario)).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "batch"})
    void controlWritersWhoseStateIsLeftOutAreFound(String writer) throws Exception {
        assertThat(found(writer, ScenarioRun.Flaw.FORGETFUL)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stream", "batch"})
    void controlWritesThatNothingComparesAreFound(String writer) throws Exception {
        assertThat(found(writer, ScenarioRun.Flaw.UNGUARDED)).isTrue();
    }

    private static boolean found(String writer, ScenarioRun.Flaw flaw) throws Exception {
        for (long seed = 0; seed < SEEDS; seed++) {
            if (!complaints(Scenario.draw(seed, writer.equals("batch"), true), flaw).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    private static List<String> complaints(Scenario scenario, ScenarioRun.Flaw flaw) throws Exception {
        redis.flushAll();
        try (ScenarioRun run = new ScenarioRun(scenario, flaw, server.port, redis)) {
            return run.complaints();
        }
    }

    /** A short way to what goes wrong, in words. */
    private static String smallest(Scenario failing) throws Exception {
        Scenario smallest = failing.shrunk(InterleavingsTest::fails, System.nanoTime() + SHRINK_NANOS);
        redis.flushAll();
        try (ScenarioRun run = new ScenarioRun(smallest, ScenarioRun.Flaw.NONE, server.port, redis)) {
            List<String> complaints = run.complaints();
            return smallest + "\n" + String.join("\n", run.trace) + "\n" + (complaints.isEmpty()
                    ? "not every time wrong: it was once" : "wrong: " + String.join("\nwrong: ", complaints));
        }
    }

    private static boolean fails(Scenario scenario) {
        try {
            return !complaints(scenario, ScenarioRun.Flaw.NONE).isEmpty();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
