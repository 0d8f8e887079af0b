package io.featuremill.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;

/**
 * What happens to a job, drawn from a seed: the rows that its source has, and the steps in which they are taken in while things go
 * wrong.
 *
 * @param batch which writer it has
 * @param writers how many of them at first
 * @param connections how many each of them has
 * @param patient whether a writer tries again; else the job fails with whatever goes wrong, and is restored
 * @param far whether the way to Redis takes time, so that a write may be under way when something happens
 * @param rescaled whether it may come back with another number of writers
 * @param rows the source's, in its order
 */
record Scenario(
        long seed,
        boolean batch,
        boolean guarded,
        int writers,
        int connections,
        boolean patient,
        boolean far,
        boolean rescaled,
        List<FeatureRow> rows,
        List<Step> steps) {

    static final int MOST_WRITERS = 3;

    /** The pipeline whose rows all name all of its features, as code generation has it. */
    static final String WHOLE = "whole";

    /** The one whose rows don't, as a job of a user's own may. */
    static final String PARTIAL = "partial";

    static final List<String> KEYS = List.of("k", "l", "m");
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final long HOUR_MS = 3_600_000;

    /** What can happen, and how often it does, compared with the others. */
    enum Kind {
        /** The source's next rows come, so many. */
        READ(40),
        /** So many milliseconds pass, and timers that are due fire. */
        PASS(15),
        /** A checkpoint is taken: the writers flush and hand over their state, the source its position. */
        TAKE(14),
        /** The checkpoint that was taken last completes. */
        COMPLETE(12),
        /** The job dies, connections and all, and the last completed checkpoint is restored to so many writers. */
        FAIL(5),
        /** The connection breaks when so many more bytes have gone to Redis. */
        CUT(5),
        /** Redis forgets the script. */
        FORGET(2),
        /** Redis has no memory for writes, for a moment. */
        FULL(1),
        /** A reader looks at everything; it must see nothing go back. */
        LOOK(8);

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }
    }

    /** @param amount what it counts; 0 where there is nothing to count */
    record Step(Kind kind, int amount) {}

    static Scenario draw(long seed, boolean batch, boolean guarded) {
        Random random = new Random(seed);
        boolean rescaled = guarded && random.nextInt(3) == 0;
        int writers = 1 + random.nextInt(MOST_WRITERS);
        int connections = random.nextBoolean() ? 1 : 2;
        boolean patient = random.nextInt(4) > 0;
        boolean far = random.nextInt(5) == 0;
        List<FeatureRow> rows = rows(random, rescaled);
        List<Step> steps = new ArrayList<>();
        for (int i = 10 + random.nextInt(40); i > 0; i--) {
            Kind kind = kind(random);
            steps.add(new Step(kind, switch (kind) {
                case READ -> 1 + random.nextInt(4);
                case PASS -> 20 + random.nextInt(100);
                case FAIL -> rescaled ? 1 + random.nextInt(MOST_WRITERS) : writers;
                case CUT -> 1 + random.nextInt(800);
                default -> 0;
            }));
        }
        return new Scenario(seed, batch, guarded, writers, connections, patient, far, rescaled, rows, steps);
    }

    private static Kind kind(Random random) {
        int all = 0;
        for (Kind kind : Kind.values()) {
            all += kind.weight;
        }
        int left = random.nextInt(all);
        for (Kind kind : Kind.values()) {
            left -= kind.weight;
            if (left < 0) {
                return kind;
            }
        }
        throw new IllegalStateException("no weight is left");
    }

    private static List<FeatureRow> rows(Random random, boolean rescaled) {
        // Rows of one place in time with different values, as a batch may have them, are settled by their order alone.
        boolean ties = !rescaled && random.nextBoolean();
        int mortal = random.nextInt(3);
        List<FeatureRow> rows = new ArrayList<>();
        int count = 10 + random.nextInt(50);
        for (int i = 0; i < count; i++) {
            if (i > 0 && random.nextInt(10) == 0) {
                rows.add(rows.get(random.nextInt(i))); // once more
                continue;
            }
            String pipeline = random.nextBoolean() ? WHOLE : PARTIAL;
            int late = random.nextInt(4) == 0 ? random.nextInt(10) : 0;
            long ttl = random.nextInt(3) < mortal ? (1 + random.nextInt(3)) * HOUR_MS : FeatureRow.NEVER_EXPIRES;
            rows.add(Rows.row(KEYS.get(random.nextInt(KEYS.size())), pipeline, i / 3 - late, ties ? random.nextInt(2) : i, ttl,
                    features(random, pipeline, i)));
        }
        return rows;
    }

    /** No two pipelines share a feature; a value tells the row that it is from. */
    private static String[] features(Random random, String pipeline, int number) {
        boolean removal = random.nextInt(5) == 0;
        List<String> features = new ArrayList<>();
        for (String name : NAMES) {
            if (pipeline.equals(WHOLE) || random.nextInt(3) > 0) {
                features.add(pipeline + "_" + name);
                features.add(removal || random.nextInt(5) == 0 ? null : "" + number);
            }
        }
        return features.toArray(String[]::new);
    }

    /** The same with as few rows and steps as it takes, found by leaving some out, for as long as there is time. */
    Scenario shrunk(Predicate<Scenario> fails, long untilNanos) {
        Scenario smallest = this;
        for (int portion = Math.max(rows.size(), steps.size()) / 2; portion > 0; portion = portion > 1 ? portion / 2 : 0) {
            for (int first = 0; first < Math.max(smallest.rows.size(), smallest.steps.size()); ) {
                Scenario before = smallest;
                for (Scenario less : List.of(smallest.withoutSteps(first, portion), smallest.withoutRows(first, portion))) {
                    if (smallest == before && !less.equals(before) && System.nanoTime() < untilNanos && fails.test(less)) {
                        smallest = less;
                    }
                }
                first += smallest == before ? portion : 0;
            }
        }
        return smallest;
    }

    private Scenario withoutRows(int first, int count) {
        return new Scenario(seed, batch, guarded, writers, connections, patient, far, rescaled, without(rows, first, count), steps);
    }

    private Scenario withoutSteps(int first, int count) {
        return new Scenario(seed, batch, guarded, writers, connections, patient, far, rescaled, rows, without(steps, first, count));
    }

    private static <T> List<T> without(List<T> list, int first, int count) {
        List<T> rest = new ArrayList<>(list.subList(0, Math.min(first, list.size())));
        rest.addAll(list.subList(Math.min(first + count, list.size()), list.size()));
        return rest;
    }

    @Override
    public String toString() {
        return "seed " + seed + ", " + (batch ? "batch" : "stream") + " writer, " + (guarded ? "guarded" : "unguarded")
                + (connections == 1 ? "" : ", " + connections + " connections")
                + (patient ? "" : ", fails at once") + (far ? ", far from Redis" : "");
    }
}
