package io.featuremill.redis.table;

import io.featuremill.redis.RedisSink;
import io.featuremill.redis.RedisSinkConfig;
import java.util.Optional;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.sink.DataStreamSinkProvider;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.FactoryUtil;

/**
 * {@code 'writer' = 'auto'} in Flink's streaming mode, where the planner calls no input bounded: the writer is chosen when the
 * stream is there, by its sources.
 *
 * <p>The operator is the one that the planner would have made of a {@link
 * org.apache.flink.table.connector.sink.SinkV2Provider}: it has the same place in the graph, uid, parallelism and state, so a job
 * may change between {@code auto} and a named writer with its state. Its name is the table's, without the number that the planner
 * puts behind it, and its description names the writer.
 */
final class AutoWriterProvider implements DataStreamSinkProvider {

    /** The planner's name for a sink, from which it makes the uid. */
    private static final String UID_NAME = "sink";

    private final ReadableConfig options;
    private final String table;

    /** @param table the table's name, and so the operator's */
    AutoWriterProvider(ReadableConfig options, String table) {
        this.options = options;
        this.table = table;
    }

    @Override
    public Optional<Integer> getParallelism() {
        return options.getOptional(FactoryUtil.SINK_PARALLELISM);
    }

    @Override
    public DataStreamSink<?> consumeDataStream(ProviderContext context, DataStream<RowData> rows) {
        RedisSinkConfig config = RedisOptions.sinkConfig(options, BoundedInput.is(rows.getTransformation()));
        DataStreamSink<RowData> sink = rows.sinkTo(new RedisSink(config))
                .name(table)
                .setDescription(table + ": " + (config.batch() ? "batch" : "stream") + " writer to " + config.connector());
        // Else it would be the environment's, where the planner takes the input's.
        sink.getTransformation().setParallelism(getParallelism().orElse(rows.getParallelism()), getParallelism().isPresent());
        context.generateUid(UID_NAME).ifPresent(sink::uid);
        return sink;
    }
}
