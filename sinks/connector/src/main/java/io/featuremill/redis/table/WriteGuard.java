package io.featuremill.redis.table;

/** What keeps an older row from overwriting a newer one. */
public enum WriteGuard {
    /** A script compares each row with what is in Redis. */
    EVENT_TIME("event-time"),

    /** Nothing does: the last to arrive wins. For a single job whose rows come in order, and that a replay may set back for a while. */
    NONE("none");

    private final String name;

    WriteGuard(String name) {
        this.name = name;
    }

    /** As it is written in SQL. */
    @Override
    public String toString() {
        return name;
    }
}
