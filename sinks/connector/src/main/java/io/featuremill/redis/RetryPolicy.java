package io.featuremill.redis;

import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often, and how long apart, an attempt is repeated: twice as long each time up to a limit, less a random part, so that the
 * writers of a job don't come back in step.
 *
 * @param maxAttempts how many attempts in a row may fail before the job does
 */
public record RetryPolicy(int maxAttempts, Duration initialBackoff, Duration maxBackoff) implements Serializable {

    /** The pause after the given number of failed attempts: between half of the backoff and all of it. */
    Duration pauseAfter(int failedAttempts) {
        long doubled = initialBackoff.toMillis() << Math.min(failedAttempts - 1, 30);
        long backoff = Math.min(maxBackoff.toMillis(), doubled <= 0 ? Long.MAX_VALUE : doubled);
        return Duration.ofMillis(backoff / 2 + ThreadLocalRandom.current().nextLong(backoff / 2 + 1));
    }
}
