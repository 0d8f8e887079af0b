package io.featuremill.redis;

import io.featuremill.redis.connection.StandaloneRedis;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.table.data.RowData;
import redis.clients.jedis.Jedis;

/**
 * A {@link Scenario} with real writers, a real Redis, and this class in the place of Flink and of the source: it calls the writers,
 * keeps their checkpoints, and starts others when they die. A run knows nothing of the sink but what Flink does.
 */
final class ScenarioRun implements AutoCloseable {

    /** Something built in that the comparison at the end has to find. */
    enum Flaw {
        NONE,
        /** The writers' state is left out of the checkpoints. */
        FORGETFUL,
        /** Nothing in Redis compares. */
        UNGUARDED
    }

    private static final int MOST_RESTARTS = 100;
    private static final int FULL_FOR_MS = 3;
    private static final long CLOCK_MS = 60_000;

    /** What a completed checkpoint has: the rows that the source had given, and each writer's state in bytes. */
    private record Checkpoint(int position, List<List<byte[]>> states) {}

    private final Scenario scenario;
    private final Flaw flaw;
    private final int port;
    private final Jedis redis;
    private final List<TcpProxy> ways = new ArrayList<>();
    private final List<StatefulSinkWriter<RowData, RedisWriterState>> opened = new ArrayList<>();
    private final Map<String, long[]> seen = new HashMap<>();

    /** What happened, for somebody who looks for the reason. */
    final List<String> trace = new ArrayList<>();

    private SimpleVersionedSerializer<RedisWriterState> serializer;
    private List<StatefulSinkWriter<RowData, RedisWriterState>> writers = List.of();
    private ManualTime time;
    private WriterContext.Mailbox mailbox;
    private long now;
    private int position;
    private Checkpoint completed;
    private Checkpoint taken;
    private int restarts;
    private CompletableFuture<Void> relief = CompletableFuture.completedFuture(null);

    /** @param redis a client of an empty server that nobody else uses */
    ScenarioRun(Scenario scenario, Flaw flaw, int port, Jedis redis) {
        this.scenario = scenario;
        this.flaw = flaw;
        this.port = port;
        this.redis = redis;
        this.completed = new Checkpoint(0, noState(scenario.writers()));
    }

    /** What is wrong with what readers saw, or with what is in Redis at the end; nothing if all is as it must be. */
    List<String> complaints() throws Exception {
        List<String> complaints = new ArrayList<>();
        restore(scenario.writers());
        for (Scenario.Step step : scenario.steps()) {
            attempt(() -> mailbox.empty());
            attempt(() -> take(step, complaints));
        }
        while (!attempt(this::end)) {
            trace.add("the end is tried again");
        }
        relief.join();
        complaints.addAll(look());
        complaints.addAll(compare());
        return complaints;
    }

    private interface Body {
        void run() throws Exception;
    }

    /** Does it, and if a writer fails meanwhile, restores the job as Flink would; whether none did. */
    private boolean attempt(Body body) throws Exception {
        try {
            body.run();
            return true;
        } catch (IOException e) {
            trace.add("a writer fails: " + e.getMessage());
            relief.join();
            restore(writers.size());
            return false;
        }
    }

    private void take(Scenario.Step step, List<String> complaints) throws Exception {
        switch (step.kind()) {
            case READ -> read(step.amount());
            case PASS -> {
                now += step.amount();
                trace.add("it is " + now + " ms");
                time.advanceTo(now);
            }
            case TAKE -> taken = checkpoint();
            case COMPLETE -> {
                if (taken != null) {
                    trace.add("the checkpoint completes");
                    completed = taken;
                    taken = null;
                }
            }
            case FAIL -> {
                trace.add("the job dies");
                restore(step.amount());
            }
            case CUT -> {
                trace.add("the connection will break after " + step.amount() + " bytes");
                ways.get(ways.size() - 1).cutAfter(step.amount());
            }
            case FORGET -> {
                trace.add("Redis forgets the script");
                redis.scriptFlush();
            }
            case FULL -> fill();
            case LOOK -> complaints.addAll(look());
        }
    }

    private void read(int rows) throws IOException, InterruptedException {
        for (int i = 0; i < rows && position < scenario.rows().size(); i++) {
            FeatureRow row = scenario.rows().get(position++);
            // A topic's partition holds all rows of a key and pipeline, and goes to one writer.
            int writer = Math.floorMod(row.key().hashCode(), writers.size());
            trace.add("row " + position + " to writer " + writer + ": " + Rows.text(row) + " of " + row.key()
                    + (row.ttlMs() == FeatureRow.NEVER_EXPIRES ? "" : ", to live for " + row.ttlMs() + " ms"));
            writers.get(writer).write(Rows.data(row), null);
        }
    }

    private Checkpoint checkpoint() throws IOException, InterruptedException {
        List<List<byte[]>> states = new ArrayList<>();
        for (StatefulSinkWriter<RowData, RedisWriterState> writer : writers) {
            writer.flush(false);
            List<byte[]> state = new ArrayList<>();
            for (RedisWriterState each : writer.snapshotState(1)) {
                trace.add("a checkpoint is taken, in a writer's state " + Rows.texts(each.rows()));
                if (flaw != Flaw.FORGETFUL) {
                    state.add(serializer.serialize(each));
                }
            }
            states.add(state);
        }
        trace.add("a checkpoint is taken behind row " + position);
        return new Checkpoint(position, states);
    }

    /** The writers that are there are gone, as by a kill: nobody closes them, and nothing that they send arrives. */
    private void restore(int count) throws Exception {
        writers.forEach(writer -> ways.get(ways.size() - 1).isolate());
        do {
            restarts++;
            if (restarts > MOST_RESTARTS) {
                throw new IllegalStateException(scenario + ": the job fails again and again: " + String.join("\n", trace));
            }
        } while (!open(count));
    }

    private boolean open(int count) throws Exception {
        taken = null;
        position = completed.position;
        trace.add(count + " writers begin behind row " + position);
        TcpProxy way = new TcpProxy(port);
        way.delayMs = scenario.far() ? 1 : 0;
        ways.add(way);
        time = new ManualTime();
        mailbox = new WriterContext.Mailbox();
        try {
            time.advanceTo(now);
            RedisSink sink = new RedisSink(new RedisSinkConfig(
                    new StandaloneRedis("127.0.0.1", way.port(), null, null, 0, Duration.ofSeconds(2), Duration.ofSeconds(2)),
                    new RetryPolicy(scenario.patient() ? 100 : 1, Duration.ofMillis(1), Duration.ofMillis(2)),
                    scenario.batch(), scenario.guarded() && flaw != Flaw.UNGUARDED, scenario.connections(), 3, 100_000, Duration.ofMillis(100), 1 << 20, null));
            serializer = sink.getWriterStateSerializer();
            List<StatefulSinkWriter<RowData, RedisWriterState>> begun = new ArrayList<>();
            for (List<byte[]> states : redistributed(count)) {
                List<RedisWriterState> restored = new ArrayList<>();
                for (byte[] state : states) {
                    restored.add(serializer.deserialize(serializer.getVersion(), state));
                }
                StatefulSinkWriter<RowData, RedisWriterState> writer = sink.restoreWriter(new WriterContext(begun.size(), time, mailbox), restored);
                opened.add(writer);
                begun.add(writer);
            }
            writers = begun;
            return true;
        } catch (IOException e) {
            trace.add("a writer fails when it begins: " + e.getMessage());
            way.isolate();
            return false;
        }
    }

    /** As Flink does it: where the number of writers stays, each gets its own, else they are dealt out. */
    private List<List<byte[]>> redistributed(int count) {
        if (completed.states.size() == count) {
            return completed.states;
        }
        List<List<byte[]>> dealt = noState(count);
        int next = 0;
        for (List<byte[]> states : completed.states) {
            for (byte[] state : states) {
                dealt.get(next++ % count).add(state);
            }
        }
        return dealt;
    }

    private static List<List<byte[]>> noState(int writers) {
        List<List<byte[]>> none = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            none.add(new ArrayList<>());
        }
        return none;
    }

    private void fill() {
        relief.join();
        trace.add("Redis is full for a moment");
        redis.configSet("maxmemory", "1");
        relief = CompletableFuture.runAsync(() -> {
            try (Jedis other = new Jedis("127.0.0.1", port)) {
                other.configSet("maxmemory", "0");
            }
        }, CompletableFuture.delayedExecutor(FULL_FOR_MS, TimeUnit.MILLISECONDS));
    }

    private void end() throws Exception {
        read(Integer.MAX_VALUE);
        trace.add("the input ends");
        for (StatefulSinkWriter<RowData, RedisWriterState> writer : writers) {
            writer.flush(true);
        }
    }

    /** With the guard no reader ever sees a pipeline go back, whatever is replayed. */
    private List<String> look() {
        List<String> complaints = new ArrayList<>();
        for (String key : scenario.guarded() ? Scenario.KEYS : List.<String>of()) {
            for (String pipeline : List.of("@" + Scenario.WHOLE, "@" + Scenario.PARTIAL)) {
                String text = redis.hget(key, pipeline);
                String name = key + " " + pipeline;
                long[] before = seen.get(name);
                if (text == null) {
                    if (before != null) {
                        complaints.add(name + " was there and is gone");
                    }
                    continue;
                }
                int dash = text.lastIndexOf('-');
                long[] place = {Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1))};
                if (before != null && (place[0] < before[0] || place[0] == before[0] && place[1] < before[1])) {
                    complaints.add(name + " was " + before[0] + "-" + before[1] + " and went back to " + text);
                }
                seen.put(name, place);
            }
        }
        return complaints;
    }

    private List<String> compare() {
        List<String> complaints = new ArrayList<>();
        Map<String, LastWriteWins.Entity> expected =
                LastWriteWins.entities(scenario.rows(), scenario.guarded(), !scenario.rescaled());
        if (!redis.keys("*").equals(expected.keySet())) {
            complaints.add("there are the keys " + redis.keys("*") + " instead of " + expected.keySet());
        }
        expected.forEach((key, entity) -> {
            Map<String, String> hash = redis.hgetAll(key);
            Set<String> names = new TreeSet<>(hash.keySet());
            names.addAll(entity.fields.keySet());
            for (String name : names) {
                Set<String> right = entity.fields.getOrDefault(name, Collections.singleton(null));
                if (!right.contains(hash.get(name))) {
                    complaints.add(key + " " + name + " is " + hash.get(name) + " instead of " + right);
                }
            }
            long found = redis.pttl(key);
            long lives = found == -1 ? LastWriteWins.FOR_EVER : found;
            if (lives < lessThisRun(entity.shortest) || lives > entity.longest) {
                complaints.add(key + " lives for " + (found == -2 ? "no time" : words(lives)) + " instead of " + words(entity.shortest)
                        + (entity.shortest == entity.longest ? "" : " to " + words(entity.longest)));
            }
        });
        return complaints;
    }

    /** The run itself takes some of a time to live, which is nothing beside what the rows ask for. */
    private static long lessThisRun(long ttl) {
        return ttl == LastWriteWins.FOR_EVER ? ttl : ttl - CLOCK_MS;
    }

    private static String words(long ttl) {
        return ttl == LastWriteWins.FOR_EVER ? "ever" : ttl + " ms";
    }

    @Override
    public void close() throws Exception {
        for (StatefulSinkWriter<RowData, RedisWriterState> writer : opened) {
            writer.close();
        }
        ways.forEach(TcpProxy::close);
        relief.join();
    }
}
