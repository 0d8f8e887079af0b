package io.featuremill.redis;

import io.featuremill.redis.deadletter.DeadLetterQueue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.table.data.RowData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes feature rows to Redis: at least once, made idempotent by a guard in Redis, so that a replay never takes a value back.
 * The guard can be left out, and with it this promise.
 *
 * <p>{@link #write} is the way in for a stream: {@code sinkTo} has Flink deal rows out in turn wherever the sink's parallelism is not
 * the stream's.
 *
 * <p>Rows that were taken and not yet written are in the writer's state. After a change of parallelism they may come back at
 * another writer than later rows of their key; the guard settles which is newer, so that only the order of rows that name
 * different features of one pipeline is open then.
 */
public final class RedisSink implements Sink<RowData>, SupportsWriterState<RowData, RedisWriterState> {

    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(RedisSink.class);

    private final RedisSinkConfig config;

    public RedisSink(RedisSinkConfig config) {
        this.config = config;
    }

    /**
     * Writes a stream; rows of one key stay in the order in which one subtask of the stream has them.
     *
     * <p>Where there are as many writers as the stream has subtasks, each takes what its subtask has, and nothing comes between.
     * Where there are not, a key decides which writer has its rows. It decides among the writers and not among their state: the
     * stream that the writers see has no key.
     *
     * @param writers how many; if empty, as many as the stream has subtasks. Not to be changed at what is returned.
     */
    public static DataStreamSink<RowData> write(DataStream<RowData> rows, RedisSinkConfig config, Optional<Integer> writers) {
        int streams = rows.getParallelism();
        int parallelism = writers.orElse(streams);
        DataStreamSink<RowData> sink = (parallelism == streams ? rows : dealtByKey(rows)).sinkTo(new RedisSink(config));
        // Else it would be the environment's.
        sink.getTransformation().setParallelism(parallelism, writers.isPresent());
        return sink;
    }

    /** In Flink's key groups, whose rows in flight an unaligned checkpoint can hand to another number of writers. */
    private static DataStream<RowData> dealtByKey(DataStream<RowData> rows) {
        DataStream<RowData> byKey = rows.keyBy(FeatureRowConverter::hashOfEntityKey, Types.INT);
        return new DataStream<>(byKey.getExecutionEnvironment(), byKey.getTransformation());
    }

    @Override
    public StatefulSinkWriter<RowData, RedisWriterState> createWriter(WriterInitContext context) throws IOException {
        return restoreWriter(context, List.of());
    }

    @Override
    public StatefulSinkWriter<RowData, RedisWriterState> restoreWriter(
            WriterInitContext context, Collection<RedisWriterState> states) throws IOException {
        RowBuffer buffer = new RowBuffer(config.flushInterval().toMillis(), config.guarded());
        WriterMetrics metrics = new WriterMetrics(context.metricGroup(), buffer);
        DeadLetterQueue letters = config.deadLetters() == null ? null : config.deadLetters().open();
        BadRows badRows = new BadRows(letters, metrics);
        Senders senders = senders(context, badRows, metrics);
        RedisWriter writer = config.batch()
                ? new BatchRedisWriter(config, buffer, senders, badRows, metrics, context.getProcessingTimeService())
                : new StreamRedisWriter(config, buffer, senders, badRows, metrics, context.getProcessingTimeService());
        try {
            writer.open(states);
        } catch (IOException e) {
            writer.close();
            throw e;
        }
        return writer;
    }

    private Senders senders(WriterInitContext context, BadRows badRows, WriterMetrics metrics) {
        String task = "featuremill-redis-" + context.getTaskInfo().getIndexOfThisSubtask();
        List<BackgroundSender> senders = new ArrayList<>();
        for (int i = 0; i < config.connections(); i++) {
            Writes writes = config.guarded() ? new GuardedWrites() : new UnguardedWrites();
            RowSender sender = new RowSender(config.connector(), config.retries(), writes, badRows, metrics);
            senders.add(new BackgroundSender(sender, task + "-" + i, failure -> failTask(context.getMailboxExecutor(), failure)));
        }
        return new Senders(senders);
    }

    /** The writer hears of it with the next row or checkpoint; the task at once, though no row may come for long. */
    private static void failTask(MailboxExecutor mailbox, IOException failure) {
        try {
            mailbox.execute(
                    () -> {
                        throw failure;
                    },
                    "fail because of Redis");
        } catch (RejectedExecutionException over) {
            LOG.debug("The task has ended before it could be failed", failure);
        }
    }

    @Override
    public SimpleVersionedSerializer<RedisWriterState> getWriterStateSerializer() {
        return new RedisWriterStateSerializer();
    }
}
