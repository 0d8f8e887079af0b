package io.featuremill.redis.table;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.Factory;
import org.apache.flink.table.factories.FactoryUtil;

/**
 * The format {@code featuremill-dead-letter}: reads records with another format, and turns those that it can't read into dead
 * letters in a Kafka topic, where that format alone would end the job or drop them in silence.
 *
 * <pre>
 * 'format' = 'featuremill-dead-letter',
 * 'featuremill-dead-letter.format' = 'json',
 * 'featuremill-dead-letter.json.timestamp-format.standard' = 'ISO-8601',
 * 'featuremill-dead-letter.pipeline' = 'airport_departure_delay',
 * 'featuremill-dead-letter.stage' = 'source',
 * 'featuremill-dead-letter.topic' = 'features-dead-letter',
 * 'featuremill-dead-letter.bootstrap-servers' = 'kafka:9092'
 * </pre>
 *
 * With {@code 'value.format'} each name has {@code value.} before it.
 *
 * <table>
 *   <caption>Options</caption>
 *   <tr><th>option</th><th>default</th><th>effect</th></tr>
 *   <tr><td>{@code format}</td><td>required</td><td>the format that reads the records; its own options stand below its name. Its
 *       {@code ignore-parse-errors} is refused: it would drop what this format is there to keep</td></tr>
 *   <tr><td>{@code topic}</td><td>required</td><td>the topic of dead letters, which must be there</td></tr>
 *   <tr><td>{@code bootstrap-servers}</td><td>required</td><td>the Kafka brokers that have it</td></tr>
 *   <tr><td>{@code stage}</td><td>source</td><td>the letter's stage: {@code source}, {@code query} or {@code feature-source}</td></tr>
 *   <tr><td>{@code pipeline}</td><td>none</td><td>the letter's pipeline; null without it</td></tr>
 *   <tr><td>{@code table}</td><td>the table's name</td><td>the letter's {@code origin.table}</td></tr>
 *   <tr><td>{@code timeout}</td><td>30 s</td><td>how long Kafka may take to acknowledge a letter before the job fails</td></tr>
 * </table>
 */
public final class DeadLetterFormatFactory implements DeserializationFormatFactory {

    public static final String IDENTIFIER = "featuremill-dead-letter";

    static final ConfigOption<String> FORMAT = ConfigOptions.key("format").stringType().noDefaultValue();
    static final ConfigOption<String> PIPELINE = ConfigOptions.key("pipeline").stringType().noDefaultValue();
    static final ConfigOption<String> STAGE = ConfigOptions.key("stage").stringType().defaultValue("source");
    static final ConfigOption<String> TOPIC = ConfigOptions.key("topic").stringType().noDefaultValue();
    static final ConfigOption<String> BOOTSTRAP_SERVERS = ConfigOptions.key("bootstrap-servers").stringType().noDefaultValue();
    static final ConfigOption<String> TABLE = ConfigOptions.key("table").stringType().noDefaultValue();
    static final ConfigOption<Duration> TIMEOUT =
            ConfigOptions.key("timeout").durationType().defaultValue(Duration.ofSeconds(30));

    private static final ConfigOption<Boolean> IGNORE_PARSE_ERRORS =
            ConfigOptions.key("ignore-parse-errors").booleanType().defaultValue(false);
    private static final Set<String> STAGES = Set.of("source", "query", "feature-source");

    @Override
    public String factoryIdentifier() {
        return IDENTIFIER;
    }

    @Override
    public DecodingFormat<DeserializationSchema<RowData>> createDecodingFormat(
            DynamicTableFactory.Context context, ReadableConfig options) {
        FactoryUtil.validateFactoryOptions(this, options);
        validate(options);
        String format = options.get(FORMAT);
        DeserializationFormatFactory inner =
                FactoryUtil.discoverFactory(context.getClassLoader(), DeserializationFormatFactory.class, format);
        Configuration innerOptions = innerOptions(options, inner);
        return new DeadLetterFormat(
                inner.createDecodingFormat(context, innerOptions),
                new DeadLetterAddress(
                        options.getOptional(PIPELINE).orElse(null),
                        options.get(STAGE),
                        options.getOptional(TABLE).orElse(context.getObjectIdentifier().getObjectName()),
                        options.get(BOOTSTRAP_SERVERS),
                        options.get(TOPIC),
                        options.get(TIMEOUT)));
    }

    private static void validate(ReadableConfig options) {
        RedisOptions.require(!options.get(FORMAT).equals(IDENTIFIER), FORMAT, "can't be '" + IDENTIFIER + "' itself");
        RedisOptions.require(STAGES.contains(options.get(STAGE)), STAGE,
                "must be one of source, query and feature-source, and is '" + options.get(STAGE) + "'");
        RedisOptions.require(!options.get(TOPIC).isBlank(), TOPIC, "must not be empty");
        RedisOptions.require(!options.get(BOOTSTRAP_SERVERS).isBlank(), BOOTSTRAP_SERVERS, "must not be empty");
        RedisOptions.requirePositive(options, TIMEOUT);
    }

    /** What stands below the inner format's name. Flink has let all of it pass, so what the format doesn't know is found here. */
    private static Configuration innerOptions(ReadableConfig options, DeserializationFormatFactory inner) {
        String name = inner.factoryIdentifier();
        Map<String, String> values = new HashMap<>(options.getOptional(prefix(name)).orElse(Map.of()));
        Configuration innerOptions = Configuration.fromMap(values);
        if (innerOptions.get(IGNORE_PARSE_ERRORS)) {
            throw new ValidationException("Option '" + name + "." + IGNORE_PARSE_ERRORS.key() + "' drops bad records in silence."
                    + " Leave it out: '" + IDENTIFIER + "' keeps them.");
        }
        Set<String> known = new HashSet<>();
        inner.requiredOptions().forEach(option -> known.add(option.key()));
        inner.optionalOptions().forEach(option -> known.add(option.key()));
        Set<String> unknown = new HashSet<>(values.keySet());
        unknown.removeIf(key -> known.contains(key) || known.stream().anyMatch(option -> key.startsWith(option + ".")));
        if (!unknown.isEmpty()) {
            throw new ValidationException("Format '" + name + "' doesn't know the options " + unknown + " below '" + IDENTIFIER + "."
                    + name + "'. It knows " + known.stream().sorted().toList() + ".");
        }
        FactoryUtil.validateFactoryOptions(inner, innerOptions);
        return innerOptions;
    }

    /** All options that begin with a format's name and a dot. */
    private static ConfigOption<Map<String, String>> prefix(String format) {
        return ConfigOptions.key(format).mapType().noDefaultValue();
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(FORMAT, TOPIC, BOOTSTRAP_SERVERS);
    }

    /**
     * Our own, and for each format on the class path everything below its name: Flink takes only options that are named here,
     * and asks before it tells which format is meant.
     */
    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        Set<ConfigOption<?>> options = new HashSet<>(Set.of(PIPELINE, STAGE, TABLE, TIMEOUT));
        addFormats(options, DeadLetterFormatFactory.class.getClassLoader());
        addFormats(options, Thread.currentThread().getContextClassLoader());
        return options;
    }

    private static void addFormats(Set<ConfigOption<?>> options, ClassLoader classLoader) {
        Iterator<Factory> factories = ServiceLoader.load(Factory.class, classLoader).iterator();
        while (true) {
            try {
                if (!factories.hasNext()) {
                    return;
                }
                if (factories.next() instanceof DeserializationFormatFactory format) {
                    options.add(prefix(format.factoryIdentifier()));
                }
            } catch (ServiceConfigurationError | NoClassDefFoundError e) {
                // Somebody else's factory that can't be loaded here; if it is the one that is meant, Flink says so.
            }
        }
    }
}
