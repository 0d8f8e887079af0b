package io.featuremill.redis;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What must be in Redis when all rows have been taken in, computed from the rows alone: of a key and pipeline the last write wins,
 * by event time and sequence with the guard, by arrival without it. Nothing of the sink's is used here.
 */
final class LastWriteWins {

    /** What a row that never expires asks for: longer than any other. */
    static final long FOR_EVER = Long.MAX_VALUE;

    /** One key in Redis. */
    static final class Entity {

        /** For each field the values that are right; null among them if it may be missing. */
        final Map<String, Set<String>> fields = new TreeMap<>();

        private final Map<String, FeatureRow> newest = new HashMap<>();
        private final Set<Long> asked = new HashSet<>();

        /** The bounds of what is right for the time to live, in milliseconds, as the last write left it. */
        long shortest;
        long longest;
    }

    private LastWriteWins() {}

    /**
     * @param rows in the order of the source
     * @param ordered whether each row of a key comes to a writer behind those before it. After a change of parallelism it need not; then
     *     it is open what became of features that a newest row doesn't name, and of what an older one asked for
     */
    static Map<String, Entity> entities(List<FeatureRow> rows, boolean guarded, boolean ordered) {
        Map<String, Entity> entities = new TreeMap<>();
        for (FeatureRow row : rows) {
            Entity entity = entities.computeIfAbsent(text(row.key().entityKey()), key -> new Entity());
            FeatureRow last = entity.newest.get(text(row.key().pipeline()));
            if (guarded && last != null && isBefore(row, last)) {
                continue;
            }
            entity.newest.put(text(row.key().pipeline()), row);
            features(row).forEach((name, value) -> entity.fields.put(name, set(value)));
            entity.fields.put("@" + text(row.key().pipeline()), set(row.eventTime() + "-" + row.sequence()));
            entity.asked.add(ttl(row));
        }
        if (!ordered) {
            rows.forEach(row -> loosen(entities.get(text(row.key().entityKey())), row));
        }
        entities.values().forEach(entity -> bound(entity, guarded, ordered));
        return entities;
    }

    private static void loosen(Entity entity, FeatureRow row) {
        Map<String, String> certain = features(entity.newest.get(text(row.key().pipeline())));
        features(row).forEach((name, value) -> {
            if (!certain.containsKey(name)) {
                Set<String> right = entity.fields.computeIfAbsent(name, any -> set(null));
                right.add(null);
                right.add(value);
            }
        });
        entity.asked.add(ttl(row));
    }

    /** With the guard the longest that anybody asked for holds, without it the last writer's, whichever pipeline that is. */
    private static void bound(Entity entity, boolean guarded, boolean ordered) {
        List<Long> lasts = entity.newest.values().stream().map(LastWriteWins::ttl).toList();
        entity.longest = Collections.max(guarded ? entity.asked : lasts);
        entity.shortest = !guarded ? Collections.min(lasts) : ordered ? entity.longest : Collections.max(lasts);
    }

    private static boolean isBefore(FeatureRow row, FeatureRow other) {
        return row.eventTime() < other.eventTime() || row.eventTime() == other.eventTime() && row.sequence() < other.sequence();
    }

    private static Map<String, String> features(FeatureRow row) {
        Map<String, String> features = new HashMap<>();
        for (int i = 0; i < row.names().length; i++) {
            features.put(text(row.names()[i]), row.values()[i] == null ? null : text(row.values()[i]));
        }
        return features;
    }

    private static Set<String> set(String value) {
        return new HashSet<>(Collections.singleton(value));
    }

    private static long ttl(FeatureRow row) {
        return row.ttlMs() == FeatureRow.NEVER_EXPIRES ? FOR_EVER : row.ttlMs();
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
