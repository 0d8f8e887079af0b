package io.featuremill.redis.table;

import io.featuremill.redis.RedisSink;
import io.featuremill.redis.WriterMode;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.factories.FactoryUtil;

/** The planner's view of the sink: it takes appended rows, and learns from the plan or from the sources whether its input ends. */
final class RedisTableSink implements DynamicTableSink {

    private final ReadableConfig options;
    private final String table;

    RedisTableSink(ReadableConfig options, String table) {
        this.options = options;
        this.table = table;
    }

    @Override
    public ChangelogMode getChangelogMode(ChangelogMode requested) {
        return ChangelogMode.insertOnly();
    }

    @Override
    public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
        if (options.get(RedisOptions.WRITER) == WriterMode.AUTO && !context.isBounded()) {
            return new AutoWriterProvider(options, table);
        }
        RedisSink sink = new RedisSink(RedisOptions.sinkConfig(options, context.isBounded()));
        return SinkV2Provider.of(sink, options.getOptional(FactoryUtil.SINK_PARALLELISM).orElse(null));
    }

    @Override
    public DynamicTableSink copy() {
        return new RedisTableSink(options, table);
    }

    @Override
    public String asSummaryString() {
        return "Featuremill Redis (" + RedisOptions.connector(options) + ")";
    }
}
