package io.featuremill.redis.table;

import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.FactoryUtil;

/**
 * {@code 'connector' = 'featuremill-redis'}: a table whose rows become features in Redis. Its columns are fixed, see {@link
 * SinkSchema}.
 *
 * <p>{@link RedisOptions} has its options; the table in {@code sinks/README.md} says what each does.
 */
public final class RedisTableFactory implements DynamicTableSinkFactory {

    public static final String IDENTIFIER = "featuremill-redis";

    @Override
    public String factoryIdentifier() {
        return IDENTIFIER;
    }

    @Override
    public DynamicTableSink createDynamicTableSink(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        helper.validate();
        RedisOptions.validate(helper.getOptions());
        SinkSchema.validate(context.getCatalogTable().getResolvedSchema());
        return new RedisTableSink(helper.getOptions(), context.getObjectIdentifier().getObjectName());
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(); // a host or a socket: validate() says so
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of(
                RedisOptions.HOST,
                RedisOptions.PORT,
                RedisOptions.UNIX_SOCKET,
                RedisOptions.TLS_ENABLED,
                RedisOptions.TLS_CA_FILE,
                RedisOptions.TLS_CERTIFICATE_FILE,
                RedisOptions.TLS_KEY_FILE,
                RedisOptions.USERNAME,
                RedisOptions.PASSWORD,
                RedisOptions.DATABASE,
                RedisOptions.CONNECT_TIMEOUT,
                RedisOptions.REQUEST_TIMEOUT,
                RedisOptions.CONNECTIONS,
                RedisOptions.RETRY_MAX_ATTEMPTS,
                RedisOptions.RETRY_INITIAL_BACKOFF,
                RedisOptions.RETRY_MAX_BACKOFF,
                RedisOptions.WRITER,
                RedisOptions.FLUSH_MAX_ROWS,
                RedisOptions.FLUSH_MAX_BYTES,
                RedisOptions.FLUSH_INTERVAL,
                RedisOptions.WRITE_GUARD,
                RedisOptions.VALUE_MAX_BYTES,
                RedisOptions.ON_BAD_ROW,
                RedisOptions.DEAD_LETTER_TOPIC,
                RedisOptions.DEAD_LETTER_BOOTSTRAP_SERVERS,
                RedisOptions.DEAD_LETTER_TIMEOUT,
                FactoryUtil.SINK_PARALLELISM);
    }
}
