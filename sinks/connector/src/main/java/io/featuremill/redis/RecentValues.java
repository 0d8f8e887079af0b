package io.featuremill.redis;

import java.util.Arrays;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.HistogramStatistics;

/** A histogram over the last values; Flink's own would bring its runtime onto our compile path. Reporters read it from their thread. */
final class RecentValues implements Histogram {

    private final long[] recent;
    private long count;

    /** @param size over how many values */
    RecentValues(int size) {
        recent = new long[size];
    }

    @Override
    public synchronized void update(long value) {
        recent[(int) (count++ % recent.length)] = value;
    }

    @Override
    public synchronized long getCount() {
        return count;
    }

    @Override
    public synchronized HistogramStatistics getStatistics() {
        long[] values = Arrays.copyOf(recent, (int) Math.min(count, recent.length));
        Arrays.sort(values);
        return new Statistics(values);
    }

    private static final class Statistics extends HistogramStatistics {

        private final long[] sorted;

        private Statistics(long[] sorted) {
            this.sorted = sorted;
        }

        /** The smallest value that at least this share of the values doesn't exceed. */
        @Override
        public double getQuantile(double quantile) {
            return sorted.length == 0 ? 0 : sorted[Math.max(0, (int) Math.ceil(quantile * sorted.length) - 1)];
        }

        @Override
        public long[] getValues() {
            return sorted;
        }

        @Override
        public int size() {
            return sorted.length;
        }

        @Override
        public double getMean() {
            return Arrays.stream(sorted).average().orElse(0);
        }

        @Override
        public double getStdDev() {
            double mean = getMean();
            return Math.sqrt(Arrays.stream(sorted).mapToDouble(value -> (value - mean) * (value - mean)).average().orElse(0));
        }

        @Override
        public long getMax() {
            return sorted.length == 0 ? 0 : sorted[sorted.length - 1];
        }

        @Override
        public long getMin() {
            return sorted.length == 0 ? 0 : sorted[0];
        }
    }
}
