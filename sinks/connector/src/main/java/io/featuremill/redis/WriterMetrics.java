package io.featuremill.redis;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;

/**
 * A writer's metrics: Flink's own for sinks, and in the group {@code featuremill}
 *
 * <ul>
 *   <li>{@code rows}: rows taken
 *   <li>{@code sparedWrites}: rows that a newer one of their key made needless while they were buffered
 *   <li>{@code writes}: rows that Redis took
 *   <li>{@code bytes}: what was sent to Redis for them, repetitions included
 *   <li>{@code guardRejections}: rows that met something newer in Redis
 *   <li>{@code deadLetters}: rows that could not be written
 *   <li>{@code retries}: attempts that had to be repeated
 *   <li>{@code batchRows}: rows in one pipeline, over the last 1000 pipelines
 *   <li>{@code roundTripMs}: from the first byte of a pipeline to the last answer, over the last 1000
 *   <li>{@code eventTimeLagMs}: how old the newest row of the last pipeline was when Redis had it, from its event time; -1 before the
 *       first
 *   <li>{@code bufferedRows}, {@code bufferedBytes}: what waits in the buffer now
 * </ul>
 *
 * <p>Rows are counted in the task's thread, what becomes of them in those that send.
 */
final class WriterMetrics {

    final Counter rows;
    final Counter sparedWrites;
    final Counter deadLetters;
    final Counter writes;
    final Counter guardRejections;
    final Counter retries;
    final Counter bytes;
    final Histogram batchRows;
    final Histogram roundTripMs;

    /** Flink's own: bytes sent, records sent, and records that failed to be. */
    final Counter sentBytes;
    final Counter sentRows;
    final Counter sendErrors;

    private static final int PIPELINES = 1000;

    private volatile long lastRoundTripMs;
    private volatile long eventTimeLagMs = -1;

    WriterMetrics(SinkWriterMetricGroup group, RowBuffer buffer) {
        group.setCurrentSendTimeGauge(() -> lastRoundTripMs);
        sentBytes = group.getNumBytesSendCounter();
        sentRows = group.getNumRecordsSendCounter();
        sendErrors = group.getNumRecordsSendErrorsCounter();
        MetricGroup own = group.addGroup("featuremill");
        rows = own.counter("rows");
        sparedWrites = own.counter("sparedWrites");
        writes = own.counter("writes");
        guardRejections = own.counter("guardRejections");
        deadLetters = own.counter("deadLetters");
        retries = own.counter("retries");
        bytes = own.counter("bytes");
        batchRows = own.histogram("batchRows", new RecentValues(PIPELINES));
        roundTripMs = own.histogram("roundTripMs", new RecentValues(PIPELINES));
        own.gauge("eventTimeLagMs", () -> eventTimeLagMs);
        own.gauge("bufferedRows", buffer::depth);
        own.gauge("bufferedBytes", buffer::bytes);
    }

    /** A row could not be written. */
    synchronized void bad() {
        sendErrors.inc();
    }

    /** And is a dead letter. */
    synchronized void letter() {
        deadLetters.inc();
    }

    /** An attempt has to be repeated. */
    synchronized void retry() {
        retries.inc();
    }

    /** A pipeline has gone out, whole or in part. */
    synchronized void sent(int rows, long size) {
        batchRows.update(rows);
        bytes.inc(size);
        sentBytes.inc(size);
    }

    /** All its answers are here. */
    void answered(long tookMs) {
        lastRoundTripMs = tookMs;
        roundTripMs.update(tookMs);
    }

    /**
     * Redis has acknowledged rows.
     *
     * @param written how many it took
     * @param newestEventTime of these; without meaning if there are none
     * @param rejected how many met something newer
     */
    synchronized void acknowledged(int written, long newestEventTime, int rejected) {
        writes.inc(written);
        sentRows.inc(written);
        guardRejections.inc(rejected);
        if (written > 0) {
            eventTimeLagMs = System.currentTimeMillis() - newestEventTime;
        }
    }
}
