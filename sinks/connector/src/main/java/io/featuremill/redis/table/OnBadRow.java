package io.featuremill.redis.table;

/** What becomes of a row that can't be written. */
public enum OnBadRow {
    DEAD_LETTER("dead-letter"),
    FAIL("fail");

    private final String name;

    OnBadRow(String name) {
        this.name = name;
    }

    /** As it is written in SQL. */
    @Override
    public String toString() {
        return name;
    }
}
