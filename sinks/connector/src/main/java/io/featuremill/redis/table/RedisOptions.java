package io.featuremill.redis.table;

import io.featuremill.redis.RedisSinkConfig;
import io.featuremill.redis.RetryPolicy;
import io.featuremill.redis.WriterMode;
import io.featuremill.redis.connection.Endpoint;
import io.featuremill.redis.connection.RedisConnector;
import io.featuremill.redis.connection.StandaloneRedis;
import io.featuremill.redis.connection.TcpEndpoint;
import io.featuremill.redis.connection.Tls;
import io.featuremill.redis.connection.UnixEndpoint;
import io.featuremill.redis.deadletter.DeadLetterQueue;
import io.featuremill.redis.deadletter.KafkaDeadLetterQueue;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.factories.FactoryUtil;

/** The options of {@code 'connector' = 'featuremill-redis'} and the rules between them; {@code sinks/README.md} has them as a table. */
public final class RedisOptions {

    public static final ConfigOption<String> HOST =
            ConfigOptions.key("host").stringType().noDefaultValue().withDescription("The Redis server's name or address.");

    public static final ConfigOption<String> UNIX_SOCKET = ConfigOptions.key("unix-socket")
            .stringType().noDefaultValue().withDescription("The path of its Unix domain socket, instead of 'host'.");

    public static final ConfigOption<Boolean> TLS_ENABLED = ConfigOptions.key("tls.enabled")
            .booleanType().defaultValue(false)
            .withDescription("Encrypt the connection; the server's certificate must be for 'host' and from a trusted authority.");

    public static final ConfigOption<String> TLS_CA_FILE = ConfigOptions.key("tls.ca-file")
            .stringType().noDefaultValue()
            .withDescription("The authorities to trust, in PEM, on every TaskManager. Without it those that Java trusts.");

    public static final ConfigOption<String> TLS_CERTIFICATE_FILE = ConfigOptions.key("tls.certificate-file")
            .stringType().noDefaultValue().withDescription("The client's certificate for mutual TLS, in PEM, on every TaskManager.");

    public static final ConfigOption<String> TLS_KEY_FILE = ConfigOptions.key("tls.key-file")
            .stringType().noDefaultValue()
            .withDescription("Its key, in PEM (PKCS #8, not encrypted), on every TaskManager.");

    public static final ConfigOption<Integer> PORT =
            ConfigOptions.key("port").intType().defaultValue(6379).withDescription("Its port.");

    public static final ConfigOption<String> USERNAME =
            ConfigOptions.key("username").stringType().noDefaultValue().withDescription("The ACL user; without it the default one.");

    public static final ConfigOption<String> PASSWORD =
            ConfigOptions.key("password").stringType().noDefaultValue().withDescription("The user's password.");

    public static final ConfigOption<Integer> DATABASE =
            ConfigOptions.key("database").intType().defaultValue(0).withDescription("The number of the database.");

    public static final ConfigOption<Duration> CONNECT_TIMEOUT = ConfigOptions.key("connect.timeout")
            .durationType().defaultValue(Duration.ofSeconds(5)).withDescription("How long a connection may take.");

    public static final ConfigOption<Duration> REQUEST_TIMEOUT = ConfigOptions.key("request.timeout")
            .durationType().defaultValue(Duration.ofSeconds(10))
            .withDescription("How long Redis may be silent while answers are due; then the connection counts as lost.");

    public static final ConfigOption<Integer> CONNECTIONS = ConfigOptions.key("connections")
            .intType().defaultValue(1)
            .withDescription("How many connections a writer has; rows of one key always take the same one.");

    public static final ConfigOption<Integer> RETRY_MAX_ATTEMPTS = ConfigOptions.key("retry.max-attempts")
            .intType().defaultValue(10)
            .withDescription("How many attempts in a row may fail before the job does and Flink restores it.");

    public static final ConfigOption<Duration> RETRY_INITIAL_BACKOFF = ConfigOptions.key("retry.initial-backoff")
            .durationType().defaultValue(Duration.ofMillis(100))
            .withDescription("The pause after the first failed attempt; it doubles from one to the next.");

    public static final ConfigOption<Duration> RETRY_MAX_BACKOFF = ConfigOptions.key("retry.max-backoff")
            .durationType().defaultValue(Duration.ofSeconds(5)).withDescription("The longest pause between two attempts.");

    public static final ConfigOption<WriterMode> WRITER = ConfigOptions.key("writer")
            .enumType(WriterMode.class).defaultValue(WriterMode.AUTO)
            .withDescription("'stream' writes soon, 'batch' in large pipelines; 'auto' takes 'batch' if every source says that it ends.");

    public static final ConfigOption<Integer> FLUSH_MAX_ROWS = ConfigOptions.key("flush.max-rows")
            .intType().noDefaultValue()
            .withDescription("Write when so many rows are buffered. Without it 1000, or 10000 for the batch writer.");

    public static final ConfigOption<MemorySize> FLUSH_MAX_BYTES = ConfigOptions.key("flush.max-bytes")
            .memoryType().defaultValue(MemorySize.ofMebiBytes(16)).withDescription("Write when the buffer takes about so much memory.");

    public static final ConfigOption<Duration> FLUSH_INTERVAL = ConfigOptions.key("flush.interval")
            .durationType().defaultValue(Duration.ofMillis(100))
            .withDescription("Write when a buffered row is that old (stream writer); and how long a removal waits for the next row of"
                    + " its key.");

    public static final ConfigOption<WriteGuard> WRITE_GUARD = ConfigOptions.key("write.guard")
            .enumType(WriteGuard.class).defaultValue(WriteGuard.EVENT_TIME)
            .withDescription("'event-time': a row with a smaller (event_time, sequence) than what is in Redis is turned away."
                    + " 'none': the last to arrive wins.");

    public static final ConfigOption<MemorySize> VALUE_MAX_BYTES = ConfigOptions.key("value.max-bytes")
            .memoryType().defaultValue(MemorySize.ofMebiBytes(1))
            .withDescription("The longest value of a feature, in UTF-8. A row with a longer one is a bad row; no value is ever cut.");

    public static final ConfigOption<OnBadRow> ON_BAD_ROW = ConfigOptions.key("on-bad-row")
            .enumType(OnBadRow.class).defaultValue(OnBadRow.DEAD_LETTER)
            .withDescription("What becomes of a row that can't be written: 'dead-letter', or 'fail', which ends the job for good.");

    public static final ConfigOption<String> DEAD_LETTER_TOPIC = ConfigOptions.key("dead-letter.topic")
            .stringType().noDefaultValue().withDescription("The Kafka topic of dead letters. It must be there.");

    public static final ConfigOption<String> DEAD_LETTER_BOOTSTRAP_SERVERS = ConfigOptions.key("dead-letter.bootstrap-servers")
            .stringType().noDefaultValue().withDescription("The Kafka brokers that have it.");

    public static final ConfigOption<Duration> DEAD_LETTER_TIMEOUT = ConfigOptions.key("dead-letter.timeout")
            .durationType().defaultValue(Duration.ofSeconds(30))
            .withDescription("How long Kafka may take to acknowledge a dead letter before the job fails.");

    private static final String KAFKA_PRODUCER = "org.apache.flink.kafka.shaded.org.apache.kafka.clients.producer.KafkaProducer";
    private static final int STREAM_ROWS = 1_000;
    private static final int BATCH_ROWS = 10_000;

    private RedisOptions() {}

    /** Refuses what can't work, naming the option. Values of secrets are in no message. */
    static void validate(ReadableConfig options) {
        validateEndpoint(options);
        require(options.get(PORT) >= 1 && options.get(PORT) <= 65535, PORT, "must be between 1 and 65535");
        require(options.get(DATABASE) >= 0, DATABASE, "must not be negative");
        require(options.getOptional(USERNAME).isEmpty() || options.getOptional(PASSWORD).isPresent(), USERNAME,
                "needs '" + PASSWORD.key() + "' beside it");
        requirePositive(options, CONNECT_TIMEOUT);
        requirePositive(options, REQUEST_TIMEOUT);
        require(options.get(CONNECTIONS) >= 1, CONNECTIONS, "must be at least 1");
        require(options.get(RETRY_MAX_ATTEMPTS) >= 1, RETRY_MAX_ATTEMPTS, "must be at least 1");
        requirePositive(options, RETRY_INITIAL_BACKOFF);
        requirePositive(options, RETRY_MAX_BACKOFF);
        require(options.get(RETRY_MAX_BACKOFF).compareTo(options.get(RETRY_INITIAL_BACKOFF)) >= 0, RETRY_MAX_BACKOFF,
                "must not be shorter than '" + RETRY_INITIAL_BACKOFF.key() + "'");
        require(options.getOptional(FLUSH_MAX_ROWS).orElse(1) >= 1, FLUSH_MAX_ROWS, "must be at least 1");
        require(options.get(FLUSH_MAX_BYTES).getBytes() >= 1, FLUSH_MAX_BYTES, "must be at least 1 byte");
        requirePositive(options, FLUSH_INTERVAL);
        long maxValue = options.get(VALUE_MAX_BYTES).getBytes();
        require(maxValue >= 1 && maxValue <= Integer.MAX_VALUE, VALUE_MAX_BYTES, "must be at least 1 byte and less than 2 GiB");
        requirePositive(options, DEAD_LETTER_TIMEOUT);
        require(options.getOptional(FactoryUtil.SINK_PARALLELISM).orElse(1) >= 1, FactoryUtil.SINK_PARALLELISM, "must be at least 1");
        if (options.get(ON_BAD_ROW) == OnBadRow.DEAD_LETTER) {
            requireForDeadLetters(options, DEAD_LETTER_TOPIC);
            requireForDeadLetters(options, DEAD_LETTER_BOOTSTRAP_SERVERS);
            requireKafka();
        }
    }

    private static void validateEndpoint(ReadableConfig options) {
        boolean unix = options.getOptional(UNIX_SOCKET).isPresent();
        require(unix || options.getOptional(HOST).isPresent(), HOST, "is needed, or '" + UNIX_SOCKET.key() + "' instead");
        requireNotBlank(options, HOST, UNIX_SOCKET, TLS_CA_FILE, TLS_CERTIFICATE_FILE, TLS_KEY_FILE);
        if (unix) {
            require(options.get(UNIX_SOCKET).startsWith("/"), UNIX_SOCKET, "must be an absolute path");
            for (ConfigOption<?> option : List.of(HOST, PORT)) {
                require(options.getOptional(option).isEmpty(), option, "goes without '" + UNIX_SOCKET.key() + "' beside it");
            }
            require(!options.get(TLS_ENABLED), TLS_ENABLED, "goes without '" + UNIX_SOCKET.key() + "' beside it");
        }
        for (ConfigOption<?> option : List.of(TLS_CA_FILE, TLS_CERTIFICATE_FILE, TLS_KEY_FILE)) {
            require(options.getOptional(option).isEmpty() || options.get(TLS_ENABLED), option,
                    "needs '" + TLS_ENABLED.key() + "' = 'true' beside it");
        }
        require(options.getOptional(TLS_CERTIFICATE_FILE).isEmpty() || options.getOptional(TLS_KEY_FILE).isPresent(),
                TLS_CERTIFICATE_FILE, "needs '" + TLS_KEY_FILE.key() + "' beside it");
        require(options.getOptional(TLS_KEY_FILE).isEmpty() || options.getOptional(TLS_CERTIFICATE_FILE).isPresent(),
                TLS_KEY_FILE, "needs '" + TLS_CERTIFICATE_FILE.key() + "' beside it");
    }

    @SafeVarargs
    private static void requireNotBlank(ReadableConfig options, ConfigOption<String>... texts) {
        for (ConfigOption<String> option : texts) {
            require(options.getOptional(option).filter(String::isBlank).isEmpty(), option, "must not be empty");
        }
    }

    /** Better now, by its name, than as a class that isn't found when the first bad row comes. */
    private static void requireKafka() {
        try {
            Class.forName(KAFKA_PRODUCER, false, RedisOptions.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new ValidationException("Dead letters go out through the Kafka connector's client, and that jar is not on the class"
                    + " path: add flink-sql-connector-kafka, or set '" + ON_BAD_ROW.key() + "' = '" + OnBadRow.FAIL + "'.", e);
        }
    }

    private static void requireForDeadLetters(ReadableConfig options, ConfigOption<String> option) {
        require(options.getOptional(option).filter(value -> !value.isBlank()).isPresent(), option,
                "is needed while '" + ON_BAD_ROW.key() + "' is '" + OnBadRow.DEAD_LETTER + "': set it, or '" + ON_BAD_ROW.key()
                        + "' = '" + OnBadRow.FAIL + "'");
    }

    static void requirePositive(ReadableConfig options, ConfigOption<Duration> option) {
        Duration value = options.get(option);
        require(value.toMillis() > 0 && value.toMillis() <= Integer.MAX_VALUE, option, "must be between 1 ms and 24 days");
    }

    static void require(boolean holds, ConfigOption<?> option, String otherwise) {
        if (!holds) {
            throw new ValidationException("Option '" + option.key() + "' " + otherwise + ".");
        }
    }

    /**
     * What a {@link io.featuremill.redis.RedisSink} takes, from the options of a table.
     *
     * @param bounded whether the input is, which decides under {@code 'writer' = 'auto'}
     */
    public static RedisSinkConfig sinkConfig(ReadableConfig options, boolean bounded) {
        WriterMode mode = options.get(WRITER);
        boolean batch = mode == WriterMode.BATCH || (mode == WriterMode.AUTO && bounded);
        return new RedisSinkConfig(
                connector(options),
                new RetryPolicy(
                        options.get(RETRY_MAX_ATTEMPTS), options.get(RETRY_INITIAL_BACKOFF), options.get(RETRY_MAX_BACKOFF)),
                batch,
                options.get(WRITE_GUARD) == WriteGuard.EVENT_TIME,
                options.get(CONNECTIONS),
                options.getOptional(FLUSH_MAX_ROWS).orElse(batch ? BATCH_ROWS : STREAM_ROWS),
                options.get(FLUSH_MAX_BYTES).getBytes(),
                options.get(FLUSH_INTERVAL),
                (int) options.get(VALUE_MAX_BYTES).getBytes(),
                options.get(ON_BAD_ROW) == OnBadRow.FAIL ? null : kafkaDeadLetters(options));
    }

    static RedisConnector connector(ReadableConfig options) {
        return new StandaloneRedis(
                endpoint(options),
                options.getOptional(USERNAME).orElse(null),
                options.getOptional(PASSWORD).orElse(null),
                options.get(DATABASE),
                options.get(CONNECT_TIMEOUT),
                options.get(REQUEST_TIMEOUT));
    }

    private static Endpoint endpoint(ReadableConfig options) {
        if (options.getOptional(UNIX_SOCKET).isPresent()) {
            return new UnixEndpoint(options.get(UNIX_SOCKET));
        }
        Tls tls = options.get(TLS_ENABLED)
                ? new Tls(options.get(TLS_CA_FILE), options.get(TLS_CERTIFICATE_FILE), options.get(TLS_KEY_FILE))
                : null;
        return new TcpEndpoint(options.get(HOST), options.get(PORT), tls);
    }

    private static DeadLetterQueue.Opener kafkaDeadLetters(ReadableConfig options) {
        String bootstrapServers = options.get(DEAD_LETTER_BOOTSTRAP_SERVERS);
        String topic = options.get(DEAD_LETTER_TOPIC);
        Duration timeout = options.get(DEAD_LETTER_TIMEOUT);
        return () -> new KafkaDeadLetterQueue(bootstrapServers, topic, timeout);
    }
}
