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
 * <table>
 *   <caption>Options</caption>
 *   <tr><th>option</th><th>default</th><th>effect</th></tr>
 *   <tr><td>{@code host}</td><td>required, or {@code unix-socket}</td><td>the server's name or address</td></tr>
 *   <tr><td>{@code port}</td><td>6379</td><td>its port</td></tr>
 *   <tr><td>{@code unix-socket}</td><td>none</td><td>the path of the server's Unix domain socket, instead of {@code host}</td></tr>
 *   <tr><td>{@code tls.enabled}</td><td>false</td><td>encrypts the connection; the server's certificate must be for {@code host}, by an
 *       authority that is trusted</td></tr>
 *   <tr><td>{@code tls.ca-file}</td><td>Java's own</td><td>the authorities to trust. This file and the next two are PEM, and have to be
 *       on every TaskManager; they are read for each connection</td></tr>
 *   <tr><td>{@code tls.certificate-file}</td><td>none</td><td>the client's certificate, for a server that asks for one; needs {@code
 *       tls.key-file}</td></tr>
 *   <tr><td>{@code tls.key-file}</td><td>none</td><td>its key, PKCS #8 without a password</td></tr>
 *   <tr><td>{@code username}</td><td>none</td><td>the ACL user; needs {@code password}</td></tr>
 *   <tr><td>{@code password}</td><td>none</td><td>the password; Flink masks it wherever it shows options</td></tr>
 *   <tr><td>{@code database}</td><td>0</td><td>the number of the database</td></tr>
 *   <tr><td>{@code connect.timeout}</td><td>5 s</td><td>how long a connection may take</td></tr>
 *   <tr><td>{@code request.timeout}</td><td>10 s</td><td>how long Redis may be silent while answers are due; then the connection
 *       counts as lost</td></tr>
 *   <tr><td>{@code retry.max-attempts}</td><td>10</td><td>how many attempts in a row may fail before the job does</td></tr>
 *   <tr><td>{@code retry.initial-backoff}</td><td>100 ms</td><td>the pause after the first failed attempt; it doubles</td></tr>
 *   <tr><td>{@code retry.max-backoff}</td><td>5 s</td><td>the longest pause</td></tr>
 *   <tr><td>{@code writer}</td><td>auto</td><td>{@code stream} writes soon; {@code batch} keeps rows in the job's state and writes
 *       large pipelines; {@code auto} is {@code batch} if every source that the rows come from says that it ends</td></tr>
 *   <tr><td>{@code flush.max-rows}</td><td>1000; batch 10000</td><td>write when so many rows are buffered</td></tr>
 *   <tr><td>{@code flush.max-bytes}</td><td>16 mb</td><td>write when the buffer takes about so much memory</td></tr>
 *   <tr><td>{@code flush.interval}</td><td>100 ms</td><td>write when a buffered row is so old (stream writer); how long a removal
 *       waits for the next row of its key (both)</td></tr>
 *   <tr><td>{@code write.guard}</td><td>event-time</td><td>{@code event-time} turns away a row with a smaller (event_time, sequence)
 *       than what is in Redis; {@code none} compares nothing: the last to arrive wins, a replay takes values back until it has caught
 *       up, and the last writer's time to live holds</td></tr>
 *   <tr><td>{@code on-bad-row}</td><td>dead-letter</td><td>what becomes of a row that can't be written: {@code dead-letter}, or
 *       {@code fail}, which ends the job for good: Flink doesn't restart it</td></tr>
 *   <tr><td>{@code dead-letter.topic}</td><td>required with dead-letter</td><td>the Kafka topic, which must be there</td></tr>
 *   <tr><td>{@code dead-letter.bootstrap-servers}</td><td>required with dead-letter</td><td>the Kafka brokers</td></tr>
 *   <tr><td>{@code dead-letter.timeout}</td><td>30 s</td><td>how long Kafka may take to acknowledge one before the job fails</td></tr>
 *   <tr><td>{@code sink.parallelism}</td><td>the input's</td><td>the number of writers</td></tr>
 * </table>
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
                RedisOptions.RETRY_MAX_ATTEMPTS,
                RedisOptions.RETRY_INITIAL_BACKOFF,
                RedisOptions.RETRY_MAX_BACKOFF,
                RedisOptions.WRITER,
                RedisOptions.FLUSH_MAX_ROWS,
                RedisOptions.FLUSH_MAX_BYTES,
                RedisOptions.FLUSH_INTERVAL,
                RedisOptions.WRITE_GUARD,
                RedisOptions.ON_BAD_ROW,
                RedisOptions.DEAD_LETTER_TOPIC,
                RedisOptions.DEAD_LETTER_BOOTSTRAP_SERVERS,
                RedisOptions.DEAD_LETTER_TIMEOUT,
                FactoryUtil.SINK_PARALLELISM);
    }
}
