package io.featuremill.redis.table;

/** What keeps an older row from overwriting a newer one. */
public enum WriteGuard {
    EVENT_TIME("event-time"),
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
