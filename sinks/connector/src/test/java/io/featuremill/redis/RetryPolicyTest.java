package io.featuremill.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.RepeatedTest;

class RetryPolicyTest {

    private final RetryPolicy policy = new RetryPolicy(100, Duration.ofMillis(100), Duration.ofSeconds(5));

    @RepeatedTest(20)
    void pausesDoubleUpToALimitLessARandomPart() {
        assertThat(policy.pauseAfter(1)).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
        assertThat(policy.pauseAfter(2)).isBetween(Duration.ofMillis(100), Duration.ofMillis(200));
        assertThat(policy.pauseAfter(6)).isBetween(Duration.ofMillis(1600), Duration.ofMillis(3200));
        assertThat(policy.pauseAfter(7)).isBetween(Duration.ofMillis(2500), Duration.ofSeconds(5));
        assertThat(policy.pauseAfter(99)).isBetween(Duration.ofMillis(2500), Duration.ofSeconds(5));
    }
}
