package io.featuremill.redis;

import java.io.IOException;
import org.apache.flink.api.common.operators.ProcessingTimeService;

/**
 * Writes in large pipelines: when the buffer has its number of rows or bytes, and at the end of the input. A checkpoint sends
 * nothing, because the buffer is in the state; it waits for what is on its way, which is not. So a key that changes often costs few writes, and nobody waits for the last row.
 */
final class BatchRedisWriter extends RedisWriter {

    BatchRedisWriter(
            RedisSinkConfig config,
            RowBuffer buffer,
            Senders senders,
            BadRows badRows,
            WriterMetrics metrics,
            ProcessingTimeService time) {
        super(config, buffer, senders, badRows, metrics, time);
    }

    @Override
    protected void added() {}

    @Override
    public void flush(boolean endOfInput) throws IOException {
        if (endOfInput) {
            send(true);
        }
        await();
    }
}
