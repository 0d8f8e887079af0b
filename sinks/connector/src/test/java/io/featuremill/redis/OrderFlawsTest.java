package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.featuremill.redis.FlawedSinks.Subject;
import io.featuremill.redis.connection.RedisConnector;
import io.featuremill.redis.connection.StandaloneRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** What a reader sees of rows that follow one another: removals, replays, retries. */
class OrderFlawsTest extends FlawTest {

    @Test
    void flaw03RetractionsAreIgnoredOrWrittenAsAValue() throws Exception {
        assertThat(featuresAfterARemoval(ours(server.port, true))).isEmpty();
        assertThat(featuresAfterARemoval(ours(server.port, false))).isEmpty();
        assertThat(featuresAfterARemoval(opened(new FlawedSinks.NoRemovals(server.port, null)))).containsOnlyKeys("a", "b");
        assertThat(featuresAfterARemoval(opened(new FlawedSinks.NoRemovals(server.port, "null")))).containsValue("null");
    }

    private Map<String, String> featuresAfterARemoval(Subject sink) throws Exception {
        redis.flushAll();
        sink.write(row("k", 1, 0, "a", "1", "b", "1"));
        sink.checkpoint();
        sink.write(row("k", 2, 0, "a", null, "b", null));
        time.advanceTo(time.getCurrentProcessingTime() + 100);
        sink.checkpoint();
        Map<String, String> fields = redis.hgetAll("k");
        fields.remove("@p");
        return fields;
    }

    @Test
    void flaw08AReplayRegressesLiveValues() throws Exception {
        assertThat(afterAReplay(ours(server.port, true))).containsOnly("5");
        // Not to compare is what 'none' is for, and so it is the control.
        assertThat(afterAReplay(ours(server.port, false))).contains("1");
    }

    private List<String> afterAReplay(Subject sink) throws Exception {
        redis.flushAll();
        List<String> seen = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            for (int i = 1; i <= 5; i++) {
                sink.write(row("k", i, i, "a", "" + i));
                sink.checkpoint();
                if (run == 1) {
                    seen.add(redis.hget("k", "a"));
                }
            }
        }
        return seen;
    }

    @Test
    void flaw08ARetriedOlderRowLandsAfterANewerOne() throws Exception {
        for (boolean guarded : List.of(true, false)) {
            // Rows that name different features of one pipeline are not one write: their order is the order of two writes.
            assertThat(afterAFullServer(ours(server.port, guarded))).isEqualTo("2");
        }
        assertThat(afterAFullServer(opened(new FlawedSinks.QueuesFailuresBehind(server.port)))).isEqualTo("1");
    }

    private String afterAFullServer(Subject sink) throws Exception {
        redis.flushAll();
        redis.configSet("maxmemory", "1");
        Thread relief = new Thread(() -> {
            RealRedis.sleep(300);
            try (Jedis other = server.client()) {
                other.configSet("maxmemory", "0");
            }
        });
        sink.write(row("k", 1, 0, "a", "1", "b", "1"));
        sink.write(row("k", 2, 0, "a", "2"));
        relief.start();
        sink.checkpoint();
        relief.join();
        return redis.hget("k", "a");
    }

    /** The connection before this one may still carry writes, which the network delivers when it likes. */
    @Test
    void flaw08AWriteOfALostConnectionLandsAfterANewerOne() throws Exception {
        assertThat(afterADelayedDelivery(new GuardedWrites())).isEqualTo("new");
        assertThat(afterADelayedDelivery(new UnguardedWrites())).isEqualTo("new");
        assertThat(afterADelayedDelivery(new FlawedSinks.Unfenced())).isEqualTo("old");
    }

    private String afterADelayedDelivery(Writes writes) throws Exception {
        redis.flushAll();
        TcpProxy proxy = opened(new TcpProxy(server.port));
        RedisConnector impatient = new StandaloneRedis(
                "127.0.0.1", proxy.port(), null, null, 0, Duration.ofSeconds(2), Duration.ofMillis(150));
        WriterMetrics metrics = metrics(new RowBuffer(1, true));
        try (RowSender sender = new RowSender(impatient, PATIENT, writes, new BadRows(letters, metrics), metrics)) {
            sender.open();
            proxy.hold();
            sender.send(List.of(row("k", 1, 0, "a", "old")));
            assertThat(metrics.retries.getCount()).isPositive();
            assertThat(redis.hget("k", "a")).isEqualTo("old");
            sender.send(List.of(row("k", 2, 0, "a", "new")));
            proxy.release();
            for (int i = 0; i < 10 && redis.hget("k", "a").equals("new"); i++) {
                RealRedis.sleep(20);
            }
            return redis.hget("k", "a");
        }
    }

    @Test
    void flaw12DeleteThenWriteLeavesAMomentWithNoValue() throws Exception {
        for (boolean guarded : List.of(true, false)) {
            assertThat(seenDuringAnUpdate(ours(server.port, guarded))).containsExactly("1", "2");
        }
        assertThat(seenDuringAnUpdate(opened(new FlawedSinks.DeletesThenWrites(server.port)))).containsExactly(null, "2");
    }

    /** An update is a removal and a row; a checkpoint comes between them. */
    private List<String> seenDuringAnUpdate(Subject sink) throws Exception {
        redis.flushAll();
        sink.write(row("k", 1, 0, "a", "1"));
        sink.checkpoint();
        List<String> seen = new ArrayList<>();
        sink.write(row("k", 2, 0, "a", null));
        sink.checkpoint();
        seen.add(redis.hget("k", "a"));
        sink.write(row("k", 2, 1, "a", "2"));
        sink.checkpoint();
        seen.add(redis.hget("k", "a"));
        return seen;
    }
}
