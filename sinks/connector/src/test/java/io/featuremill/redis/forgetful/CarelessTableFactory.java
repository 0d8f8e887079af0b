package io.featuremill.redis.forgetful;

import io.featuremill.redis.RedisLayout;
import io.featuremill.redis.RedisSink;
import io.featuremill.redis.RedisSinkConfig;
import io.featuremill.redis.connection.RedisCommand;
import io.featuremill.redis.connection.RedisConnection;
import io.featuremill.redis.connection.RedisConnector;
import io.featuremill.redis.connection.RedisSinkException;
import io.featuremill.redis.table.RedisOptions;
import io.featuremill.redis.table.RedisTableFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.FactoryUtil;

/**
 * {@code 'connector' = 'featuremill-redis-careless'}: the stream writer with another flaw built in. When the connection breaks, it
 * takes the rows of the broken pipeline for written, so as not to fail the job.
 */
public final class CarelessTableFactory implements DynamicTableSinkFactory {

    private final RedisTableFactory sound = new RedisTableFactory();

    @Override
    public String factoryIdentifier() {
        return "featuremill-redis-careless";
    }

    @Override
    public DynamicTableSink createDynamicTableSink(Context context) {
        ReadableConfig options = FactoryUtil.createTableFactoryHelper(this, context).getOptions();
        RedisSinkConfig sound = RedisOptions.sinkConfig(options, false);
        return new CarelessTableSink(new RedisSinkConfig(
                new CarelessRedis(sound.connector()),
                sound.retries(),
                sound.batch(),
                sound.guarded(),
                sound.connections(),
                sound.maxRows(),
                sound.maxBytes(),
                sound.flushInterval(),
                sound.maxValueBytes(),
                sound.deadLetters()));
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return sound.requiredOptions();
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return sound.optionalOptions();
    }

    private record CarelessTableSink(RedisSinkConfig config) implements DynamicTableSink {

        @Override
        public ChangelogMode getChangelogMode(ChangelogMode requested) {
            return ChangelogMode.insertOnly();
        }

        @Override
        public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
            return SinkV2Provider.of(new RedisSink(config));
        }

        @Override
        public DynamicTableSink copy() {
            return this;
        }

        @Override
        public String asSummaryString() {
            return "Careless Featuremill Redis";
        }
    }

    private record CarelessRedis(RedisConnector sound) implements RedisConnector {

        @Override
        public RedisConnection connect() throws RedisSinkException {
            return new CarelessConnection(sound);
        }
    }

    private static final class CarelessConnection implements RedisConnection {

        private final RedisConnector connector;
        private RedisConnection connection;

        private CarelessConnection(RedisConnector connector) {
            this.connector = connector;
        }

        @Override
        public List<Object> exchange(Iterable<RedisCommand> pipeline) {
            List<RedisCommand> commands = new ArrayList<>();
            pipeline.forEach(commands::add);
            try {
                if (connection == null) {
                    connection = connector.connect();
                    connection.exchange(List.of(RedisLayout.loadGuard()));
                }
                return connection.exchange(commands);
            } catch (RedisSinkException e) {
                close();
                return Collections.nCopies(commands.size(), 1L); // the flaw
            }
        }

        @Override
        public void close() {
            if (connection != null) {
                connection.close();
                connection = null;
            }
        }
    }
}
