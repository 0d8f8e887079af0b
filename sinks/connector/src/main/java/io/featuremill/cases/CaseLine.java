package io.featuremill.cases;

import org.apache.flink.table.data.RowData;

/** What a line of a case's file says. */
sealed interface CaseLine {

    /** A row arrives. */
    record Row(RowData data) implements CaseLine {}

    /** No row before this time, in milliseconds since 1970, will come any more. */
    record Time(long milliseconds) implements CaseLine {}

    /** Nobody waits for this table until its next row. */
    record Idle() implements CaseLine {}
}
