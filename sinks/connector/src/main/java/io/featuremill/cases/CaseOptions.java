package io.featuremill.cases;

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;

/** The options of {@code featuremill-cases}. {@link CasesTableFactory} says what they do. */
final class CaseOptions {

    static final ConfigOption<String> PATH = ConfigOptions.key("path").stringType().noDefaultValue();
    static final ConfigOption<Changes> CHANGES =
            ConfigOptions.key("changes").enumType(Changes.class).defaultValue(Changes.APPEND);

    private CaseOptions() {}
}
