package io.featuremill.cases;

import org.apache.flink.table.connector.ChangelogMode;

/** What the rows of a table may do to each other. */
enum Changes {
    /** Each row is new. */
    APPEND(ChangelogMode.insertOnly()),
    /** A row takes the place of the one with its primary key, or removes it: a table of {@code upsert-kafka}. */
    UPSERT(ChangelogMode.upsert()),
    /** Rows come with what they change, before and after: a table whose format reads a database's log. */
    ALL(ChangelogMode.all());

    private final ChangelogMode mode;

    Changes(ChangelogMode mode) {
        this.mode = mode;
    }

    ChangelogMode mode() {
        return mode;
    }
}
