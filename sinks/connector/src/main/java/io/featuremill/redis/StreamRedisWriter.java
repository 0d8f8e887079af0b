package io.featuremill.redis;

import java.io.IOException;
import java.util.concurrent.ScheduledFuture;
import org.apache.flink.api.common.operators.ProcessingTimeService;

/**
 * Writes soon: when the buffer has its number of rows or bytes, when a row in it has the age of the flush interval, or when a
 * checkpoint comes, whichever is first. At a checkpoint its state holds no more than the removals that wait.
 */
final class StreamRedisWriter extends RedisWriter {

    private final long intervalMs;
    private ScheduledFuture<?> timer;

    StreamRedisWriter(
            RedisSinkConfig config,
            RowBuffer buffer,
            Senders senders,
            BadRows badRows,
            WriterMetrics metrics,
            ProcessingTimeService time) {
        super(config, buffer, senders, badRows, metrics, time);
        this.intervalMs = config.flushInterval().toMillis();
    }

    @Override
    protected void added() {
        if (timer == null) {
            wakeAt(time.getCurrentProcessingTime() + intervalMs);
        }
    }

    private void wakeAt(long when) {
        timer = time.registerTimer(when, this::onTimer);
    }

    private void onTimer(long now) throws IOException {
        timer = null;
        send(false);
        // Only removals can be left, younger than the interval.
        if (buffer.depth() > 0) {
            wakeAt(buffer.nextRemovalDue());
        }
    }

    @Override
    public void flush(boolean endOfInput) throws IOException {
        send(endOfInput);
        await();
    }

    @Override
    public void close() {
        if (timer != null) {
            timer.cancel(false);
        }
        super.close();
    }
}
