package io.featuremill.redis.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.featuremill.redis.RedisSinkConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisOptionsTest {

    @ParameterizedTest
    @CsvSource({
        "auto,   false, false,  1000",
        "auto,   true,  true,  10000",
        "stream, true,  false,  1000",
        "batch,  false, true,  10000",
    })
    void theInputChoosesTheWriterUnlessItIsNamed(String writer, boolean bounded, boolean batch, int maxRows) {
        RedisSinkConfig config = config(bounded, Map.of("writer", writer));
        assertThat(config.batch()).isEqualTo(batch);
        assertThat(config.maxRows()).isEqualTo(maxRows);
    }

    @Test
    void whatIsSetIsTaken() {
        RedisSinkConfig config = config(false, Map.of(
                "port", "1", "username", "u", "password", "x", "database", "3", "flush.max-rows", "7", "flush.max-bytes", "2 kb",
                "flush.interval", "9 ms", "retry.max-attempts", "2", "retry.initial-backoff", "3 ms", "retry.max-backoff", "4 ms"));
        assertThat(config.connector()).hasToString("redis://u@redis:1/3");
        assertThat(config.maxRows()).isEqualTo(7);
        assertThat(config.maxBytes()).isEqualTo(2048);
        assertThat(config.flushInterval()).isEqualTo(Duration.ofMillis(9));
        assertThat(config.retries().maxAttempts()).isEqualTo(2);
        assertThat(config.retries().initialBackoff()).isEqualTo(Duration.ofMillis(3));
        assertThat(config.retries().maxBackoff()).isEqualTo(Duration.ofMillis(4));
        assertThat(config.deadLetters()).isNotNull();
    }

    @Test
    void theGuardCanBeLeftOut() {
        assertThat(config(false, Map.of()).guarded()).isTrue();
        assertThat(config(false, Map.of("write.guard", "event-time")).guarded()).isTrue();
        assertThat(config(false, Map.of("write.guard", "none")).guarded()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "'',                                     redis://u@redis:6379/3",
        "'tls.enabled=true',                     rediss://u@redis:6379/3",
        "'unix-socket=/run/redis.sock',          unix://u@/run/redis.sock?db=3",
    })
    void thePlaceOfTheServer(String option, String uri) {
        Map<String, String> options = new HashMap<>(Map.of("username", "u", "password", "open sesame", "database", "3"));
        if (!option.isEmpty()) {
            options.put(option.split("=")[0], option.split("=")[1]);
        }
        assertThat(config(false, options).connector()).hasToString(uri);
    }

    @Test
    void onBadRowFailHasNoLetters() {
        assertThat(config(false, Map.of("on-bad-row", "fail")).deadLetters()).isNull();
    }

    private static RedisSinkConfig config(boolean bounded, Map<String, String> options) {
        Map<String, String> all = new HashMap<>(options);
        all.putAll(Map.of("host", "redis", "dead-letter.topic", "t", "dead-letter.bootstrap-servers", "kafka:9092"));
        return RedisOptions.sinkConfig(Configuration.fromMap(all), bounded);
    }
}
