package io.featuremill.redis.forgetful;

import io.featuremill.redis.RedisSink;
import io.featuremill.redis.RedisWriterState;
import io.featuremill.redis.table.RedisOptions;
import io.featuremill.redis.table.RedisTableFactory;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.FactoryUtil;

/**
 * {@code 'connector' = 'featuremill-redis-forgetful'}: the sink with one flaw built in. Its writers leave their buffer out of the
 * checkpoint, as a sink without state would. A fault test that doesn't see this one lose rows proves nothing about the other.
 */
public final class ForgetfulTableFactory implements DynamicTableSinkFactory {

    private final RedisTableFactory sound = new RedisTableFactory();

    @Override
    public String factoryIdentifier() {
        return "featuremill-redis-forgetful";
    }

    @Override
    public DynamicTableSink createDynamicTableSink(Context context) {
        ReadableConfig options = FactoryUtil.createTableFactoryHelper(this, context).getOptions();
        RedisSink sink = new RedisSink(RedisOptions.sinkConfig(options, false));
        return new ForgetfulTableSink(new ForgetfulSink(sink), options.getOptional(FactoryUtil.SINK_PARALLELISM).orElse(null));
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return sound.requiredOptions();
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return sound.optionalOptions();
    }

    private record ForgetfulTableSink(ForgetfulSink sink, Integer parallelism) implements DynamicTableSink {

        @Override
        public ChangelogMode getChangelogMode(ChangelogMode requested) {
            return ChangelogMode.insertOnly();
        }

        @Override
        public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
            return SinkV2Provider.of(sink, parallelism);
        }

        @Override
        public DynamicTableSink copy() {
            return this;
        }

        @Override
        public String asSummaryString() {
            return "Forgetful Featuremill Redis";
        }
    }

    private record ForgetfulSink(RedisSink sound) implements Sink<RowData>, SupportsWriterState<RowData, RedisWriterState> {

        @Override
        public StatefulSinkWriter<RowData, RedisWriterState> createWriter(WriterInitContext context) throws IOException {
            return new ForgetfulWriter(sound.createWriter(context));
        }

        @Override
        public StatefulSinkWriter<RowData, RedisWriterState> restoreWriter(
                WriterInitContext context, Collection<RedisWriterState> states) throws IOException {
            return new ForgetfulWriter(sound.restoreWriter(context, states));
        }

        @Override
        public SimpleVersionedSerializer<RedisWriterState> getWriterStateSerializer() {
            return sound.getWriterStateSerializer();
        }
    }

    private record ForgetfulWriter(StatefulSinkWriter<RowData, RedisWriterState> sound)
            implements StatefulSinkWriter<RowData, RedisWriterState> {

        @Override
        public void write(RowData row, Context context) throws IOException, InterruptedException {
            sound.write(row, context);
        }

        @Override
        public void flush(boolean endOfInput) throws IOException, InterruptedException {
            sound.flush(endOfInput);
        }

        /** The flaw. */
        @Override
        public List<RedisWriterState> snapshotState(long checkpointId) {
            return List.of();
        }

        @Override
        public void close() throws Exception {
            sound.close();
        }
    }
}
