package io.featuremill.redis;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;

/**
 * A writer's metrics: Flink's own for sinks, and in the group {@code featuremill}
 *
 * <ul>
 *   <li>{@code rows}: rows taken
 *   <li>{@code sparedWrites}: rows that a newer one of their key made needless while they were buffered
 *   <li>{@code writes}: rows that Redis took
 *   <li>{@code guardRejections}: rows that met something newer in Redis
 *   <li>{@code deadLetters}: rows that could not be written
 *   <li>{@code retries}: attempts that had to be repeated
 *   <li>{@code bufferedRows}, {@code bufferedBytes}: what waits in the buffer now
 * </ul>
 */
final class WriterMetrics {

    final Counter rows;
    final Counter sparedWrites;
    final Counter writes;
    final Counter guardRejections;
    final Counter deadLetters;
    final Counter retries;

    /** Flink's own: records sent, and records that failed to be. */
    final Counter sent;
    final Counter sendErrors;

    WriterMetrics(SinkWriterMetricGroup group, RowBuffer buffer) {
        sent = group.getNumRecordsSendCounter();
        sendErrors = group.getNumRecordsSendErrorsCounter();
        MetricGroup own = group.addGroup("featuremill");
        rows = own.counter("rows");
        sparedWrites = own.counter("sparedWrites");
        writes = own.counter("writes");
        guardRejections = own.counter("guardRejections");
        deadLetters = own.counter("deadLetters");
        retries = own.counter("retries");
        own.gauge("bufferedRows", buffer::depth);
        own.gauge("bufferedBytes", buffer::bytes);
    }
}
