package io.featuremill.redis;

import java.util.TreeMap;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.operators.ProcessingTimeService;

/** A clock that stands still until it is moved, and then calls the timers that are due. */
final class ManualTime implements ProcessingTimeService {

    private final TreeMap<Long, Queue<Timer>> timers = new TreeMap<>();
    private long now;

    @Override
    public long getCurrentProcessingTime() {
        return now;
    }

    @Override
    public ScheduledFuture<?> registerTimer(long when, ProcessingTimeCallback target) {
        Timer timer = new Timer(when, target);
        timers.computeIfAbsent(when, key -> new ArrayDeque<>()).add(timer);
        return timer;
    }

    void advanceTo(long time) throws Exception {
        while (!timers.isEmpty() && timers.firstKey() <= time) {
            now = Math.max(now, timers.firstKey());
            for (Timer timer : timers.pollFirstEntry().getValue()) {
                if (!timer.isCancelled()) {
                    timer.target.onProcessingTime(now);
                }
            }
        }
        now = time;
    }

    private static final class Timer extends FutureTask<Void> implements ScheduledFuture<Void> {
        private final long when;
        private final ProcessingTimeCallback target;

        private Timer(long when, ProcessingTimeCallback target) {
            super(() -> null);
            this.when = when;
            this.target = target;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(when, TimeUnit.MILLISECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(when, ((Timer) other).when);
        }
    }
}
