package io.featuremill.redis.table;

import io.featuremill.redis.RedisSink;
import io.featuremill.redis.RedisSinkConfig;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.sink.DataStreamSinkProvider;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.FactoryUtil;

/**
 * Makes the sink's operator when the stream is there: its sources choose the writer under {@code 'writer' = 'auto'} in streaming
 * mode, where the planner calls no input bounded, and its parallelism tells how rows get to the writers.
 *
 * <p>The operator is the one that the planner would have made of a {@link
 * org.apache.flink.table.connector.sink.SinkV2Provider}: it has the same place in the graph, uid, parallelism and state. Its name
 * is the table's, without the number that the planner puts behind it, and its description names the writer.
 *
 * <p>The planner is not told of {@code 'sink.parallelism'}: it would give it to an operator of its own before this one, which
 * notes the time of a row that has a watermark, and rows would be dealt out in turn on their way there.
 */
final class RedisSinkProvider implements DataStreamSinkProvider {

    /** The planner's name for a sink, from which it makes the uid. */
    private static final String UID_NAME = "sink";

    private final ReadableConfig options;
    private final String table;
    private final boolean bounded;

    /**
     * @param table the table's name, and so the operator's
     * @param bounded whether the planner calls the input bounded
     */
    RedisSinkProvider(ReadableConfig options, String table, boolean bounded) {
        this.options = options;
        this.table = table;
        this.bounded = bounded;
    }

    @Override
    public DataStreamSink<?> consumeDataStream(ProviderContext context, DataStream<RowData> rows) {
        RedisSinkConfig config = RedisOptions.sinkConfig(options, bounded || BoundedInput.is(rows.getTransformation()));
        DataStreamSink<RowData> sink = RedisSink.write(rows, config, options.getOptional(FactoryUtil.SINK_PARALLELISM))
                .name(table)
                .setDescription(table + ": " + (config.batch() ? "batch" : "stream") + " writer to " + config.connector());
        context.generateUid(UID_NAME).ifPresent(sink::uid);
        return sink;
    }
}
