package io.featuremill.redis.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriter;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.connector.base.sink.writer.ResultHandler;
import org.apache.flink.connector.base.sink.writer.config.AsyncSinkWriterConfiguration;
import org.apache.flink.table.data.RowData;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisException;

/** Each request is a Jedis pipeline, in a thread and on a connection of its own, so that the task never waits for an answer. */
final class AsyncRedisWriter extends AsyncSinkWriter<RowData, RowEntry> {

    private final BlockingQueue<Jedis> idle = new LinkedBlockingQueue<>();
    private final List<Jedis> connections = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(AsyncRedisSink.REQUESTS_AT_A_TIME);

    AsyncRedisWriter(
            ElementConverter<RowData, RowEntry> converter,
            WriterInitContext context,
            AsyncSinkWriterConfiguration configuration,
            Collection<BufferedRequestState<RowEntry>> states,
            String host,
            int port) {
        super(converter, context, configuration, states);
        for (int i = 0; i < AsyncRedisSink.REQUESTS_AT_A_TIME; i++) {
            connections.add(new Jedis(host, port));
        }
        idle.addAll(connections);
    }

    static AsyncSinkWriterConfiguration configuration(
            int rowsARequest, long bytesARequest, int requests, int bufferedRows, long millisInBuffer, long largestRow) {
        return AsyncSinkWriterConfiguration.builder()
                .setMaxBatchSize(rowsARequest)
                .setMaxBatchSizeInBytes(bytesARequest)
                .setMaxInFlightRequests(requests)
                .setMaxBufferedRequests(bufferedRows)
                .setMaxTimeInBufferMS(millisInBuffer)
                .setMaxRecordSizeInBytes(largestRow)
                .build();
    }

    @Override
    protected void submitRequestEntries(List<RowEntry> rows, ResultHandler<RowEntry> result) {
        threads.execute(() -> {
            try {
                Jedis redis = idle.take();
                write(redis, rows);
                idle.add(redis);
                result.complete();
            } catch (JedisException e) {
                result.completeExceptionally(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void write(Jedis redis, List<RowEntry> rows) {
        Pipeline pipeline = redis.pipelined();
        for (RowEntry row : rows) {
            pipeline.sendCommand(Protocol.Command.HSET, row.hset());
            if (row.expires()) {
                pipeline.sendCommand(Protocol.Command.PEXPIRE, row.key(), RowEntry.ascii(Long.toString(row.ttlMs())));
            } else {
                pipeline.sendCommand(Protocol.Command.PERSIST, row.key());
            }
        }
        for (Object reply : pipeline.syncAndReturnAll()) {
            if (reply instanceof JedisException refused) {
                throw refused;
            }
        }
    }

    @Override
    protected long getSizeInBytes(RowEntry row) {
        return row.sizeInBytes();
    }

    @Override
    public void close() {
        super.close();
        threads.shutdownNow();
        connections.forEach(Jedis::close);
    }
}
