package io.featuremill.redis.table;

import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;

/** The planner's view of the sink: it takes appended rows. */
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
        return new RedisSinkProvider(options, table, context.isBounded());
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
