package io.featuremill.redis.table;

import io.featuremill.redis.RedisSink;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.factories.FactoryUtil;

/** The planner's view of the sink: it takes appended rows, and learns from the plan whether its input ends. */
final class RedisTableSink implements DynamicTableSink {

    private final ReadableConfig options;

    RedisTableSink(ReadableConfig options) {
        this.options = options;
    }

    @Override
    public ChangelogMode getChangelogMode(ChangelogMode requested) {
        return ChangelogMode.insertOnly();
    }

    @Override
    public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
        RedisSink sink = new RedisSink(RedisOptions.sinkConfig(options, context.isBounded()));
        return SinkV2Provider.of(sink, options.getOptional(FactoryUtil.SINK_PARALLELISM).orElse(null));
    }

    @Override
    public DynamicTableSink copy() {
        return new RedisTableSink(options);
    }

    @Override
    public String asSummaryString() {
        return "Featuremill Redis (" + RedisOptions.connector(options) + ")";
    }
}
