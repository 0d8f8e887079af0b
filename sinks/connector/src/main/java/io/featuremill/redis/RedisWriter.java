package io.featuremill.redis;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.RowKind;

/**
 * What both writers share: rows are checked, buffered, and sent when the buffer is full; what isn't sent is in the state.
 *
 * <p>What is sent is on its way while further rows fill the buffer. When it is full again before Redis has answered, no row is taken
 * until then, which is the back-pressure: there are never more rows than a full buffer and one on its way.
 */
abstract class RedisWriter implements StatefulSinkWriter<RowData, RedisWriterState> {

    protected final RowBuffer buffer;
    protected final ProcessingTimeService time;

    private final RedisSinkConfig config;
    private final Senders senders;
    private final BadRows badRows;
    private final WriterMetrics metrics;
    private final FeatureRowConverter converter;

    RedisWriter(
            RedisSinkConfig config,
            RowBuffer buffer,
            Senders senders,
            BadRows badRows,
            WriterMetrics metrics,
            ProcessingTimeService time) {
        this.config = config;
        this.converter = new FeatureRowConverter(config.maxValueBytes());
        this.buffer = buffer;
        this.senders = senders;
        this.badRows = badRows;
        this.metrics = metrics;
        this.time = time;
    }

    /** Connects, and takes in what an earlier run left unsent. */
    void open(Collection<RedisWriterState> states) throws IOException {
        senders.open();
        for (RedisWriterState state : states) {
            for (FeatureRow row : state.rows()) {
                add(row);
            }
        }
    }

    @Override
    public void write(RowData element, Context context) throws IOException {
        if (element.getRowKind() != RowKind.INSERT) {
            throw new IllegalStateException("The sink takes appended rows only, and this one is " + element.getRowKind() + ".");
        }
        metrics.rows.inc();
        FeatureRow row;
        try {
            row = converter.convert(element);
        } catch (BadRowException e) {
            badRows.bad(element, e);
            return;
        }
        add(row);
    }

    private void add(FeatureRow row) throws IOException {
        metrics.sparedWrites.inc(buffer.add(row, time.getCurrentProcessingTime()));
        added();
        if (buffer.pendingRows() >= config.maxRows() || buffer.bytes() >= config.maxBytes()) {
            send(false);
        }
        // Removals that wait fill the buffer as well: when they alone do, they have to go before their time.
        if (buffer.waitingRemovals() >= config.maxRows() || buffer.bytes() >= config.maxBytes()) {
            send(true);
        }
    }

    /** A row has come into the buffer. */
    protected abstract void added();

    /** Sends what is buffered and due, or everything. It is on its way when this returns, and written after {@link #await}. */
    protected final void send(boolean everything) throws IOException {
        for (List<FeatureRow> wave : buffer.drain(time.getCurrentProcessingTime(), everything)) {
            senders.send(wave);
        }
    }

    /** Everything that left the buffer is safe when this returns: in Redis, or as a dead letter in Kafka. */
    protected final void await() throws IOException {
        senders.await();
        badRows.flush();
    }

    @Override
    public List<RedisWriterState> snapshotState(long checkpointId) {
        return buffer.depth() == 0 ? List.of() : List.of(new RedisWriterState(buffer.rows()));
    }

    @Override
    public void close() {
        senders.close();
        badRows.close();
    }
}
