package io.featuremill.redis.bench;

import java.util.Set;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.FactoryUtil;

/** {@code 'connector' = 'featuremill-redis-bench'}: one of the other ways, by its {@code kind}. */
public final class BenchTableFactory implements DynamicTableSinkFactory {

    enum Kind { HSET_PER_ROW, ASYNC_SINK_BASE }

    private static final ConfigOption<Kind> KIND = ConfigOptions.key("kind").enumType(Kind.class).noDefaultValue();
    private static final ConfigOption<String> HOST = ConfigOptions.key("host").stringType().noDefaultValue();
    private static final ConfigOption<Integer> PORT = ConfigOptions.key("port").intType().noDefaultValue();

    @Override
    public String factoryIdentifier() {
        return "featuremill-redis-bench";
    }

    @Override
    public DynamicTableSink createDynamicTableSink(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        helper.validate();
        ReadableConfig options = helper.getOptions();
        return new BenchTableSink(options.get(KIND), options.get(HOST), options.get(PORT));
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(KIND, HOST, PORT);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of();
    }

    private record BenchTableSink(Kind kind, String host, int port) implements DynamicTableSink {

        @Override
        public ChangelogMode getChangelogMode(ChangelogMode requested) {
            return ChangelogMode.insertOnly();
        }

        @Override
        public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
            Sink<RowData> sink = switch (kind) {
                case HSET_PER_ROW -> new HsetPerRowSink(host, port);
                case ASYNC_SINK_BASE -> new AsyncRedisSink(host, port);
            };
            return SinkV2Provider.of(sink);
        }

        @Override
        public DynamicTableSink copy() {
            return this;
        }

        @Override
        public String asSummaryString() {
            return "Benchmark's Redis: " + kind;
        }
    }
}
