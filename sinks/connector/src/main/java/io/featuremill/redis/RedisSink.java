package io.featuremill.redis;

import io.featuremill.redis.deadletter.DeadLetterQueue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.table.data.RowData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes feature rows to Redis: at least once, made idempotent by a guard in Redis, so that a replay never takes a value back.
 * The guard can be left out, and with it this promise.
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
