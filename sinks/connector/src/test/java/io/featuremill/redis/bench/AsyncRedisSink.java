package io.featuremill.redis.bench;

import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.AsyncSinkBase;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.table.data.RowData;

/**
 * A sink on Flink's {@link AsyncSinkBase}: the usual way to a sink that batches. Every row is HSET and PEXPIRE or PERSIST.
 *
 * <p>A thousand rows a request, as many as our stream writer takes, and two requests at a time, so that one is on its way while the
 * other is answered.
 */
final class AsyncRedisSink extends AsyncSinkBase<RowData, RowEntry> {

    static final int REQUESTS_AT_A_TIME = 2;

    private static final int ROWS_A_REQUEST = 1000;
    private static final int BUFFERED_ROWS = 10_000;
    private static final long BYTES_A_REQUEST = 4L * 1024 * 1024;
    private static final long MILLIS_IN_BUFFER = 100;
    private static final long LARGEST_ROW = 1024 * 1024;

    private final String host;
    private final int port;

    AsyncRedisSink(String host, int port) {
        super(
                (row, context) -> RowEntry.of(row),
                ROWS_A_REQUEST,
                REQUESTS_AT_A_TIME,
                BUFFERED_ROWS,
                BYTES_A_REQUEST,
                MILLIS_IN_BUFFER,
                LARGEST_ROW);
        this.host = host;
        this.port = port;
    }

    @Override
    public StatefulSinkWriter<RowData, BufferedRequestState<RowEntry>> createWriter(WriterInitContext context) {
        return restoreWriter(context, List.of());
    }

    @Override
    public StatefulSinkWriter<RowData, BufferedRequestState<RowEntry>> restoreWriter(
            WriterInitContext context, Collection<BufferedRequestState<RowEntry>> states) {
        return new AsyncRedisWriter(
                getElementConverter(),
                context,
                AsyncRedisWriter.configuration(
                        getMaxBatchSize(),
                        getMaxBatchSizeInBytes(),
                        getMaxInFlightRequests(),
                        getMaxBufferedRequests(),
                        getMaxTimeInBufferMS(),
                        getMaxRecordSizeInBytes()),
                states,
                host,
                port);
    }

    @Override
    public SimpleVersionedSerializer<BufferedRequestState<RowEntry>> getWriterStateSerializer() {
        return new RowEntrySerializer();
    }
}
