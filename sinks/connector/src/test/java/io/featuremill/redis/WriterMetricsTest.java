package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.featuremill.redis.connection.StandaloneRedis;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.HistogramStatistics;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** What a reporter gets to see, by name. */
class WriterMetricsTest {

    private final Map<String, Object> registered = new TreeMap<>();
    private final RowBuffer buffer = new RowBuffer(100, true);
    private RealRedis server;
    private TcpProxy proxy;
    private WriterMetrics metrics;
    private RowSender sender;

    @BeforeEach
    void start() throws IOException {
        server = new RealRedis();
        proxy = new TcpProxy(server.port);
        metrics = new WriterMetrics(group(SinkWriterMetricGroup.class, ""), buffer);
        sender = new RowSender(
                new StandaloneRedis("127.0.0.1", proxy.port(), null, null, 0, Duration.ofSeconds(2), Duration.ofSeconds(2)),
                new RetryPolicy(9, Duration.ofMillis(1), Duration.ofMillis(1)), new GuardedWrites(), new BadRows(new RecordedLetters(), metrics),
                metrics);
        sender.open();
    }

    @AfterEach
    void stop() {
        sender.close();
        proxy.close();
        server.close();
    }

    @Test
    void eachHasItsName() {
        assertThat(registered).containsOnlyKeys(
                "currentSendTime", "numBytesSend", "numRecordsSend", "numRecordsSendErrors", "featuremill.batchRows",
                "featuremill.bufferedBytes", "featuremill.bufferedRows", "featuremill.bytes", "featuremill.deadLetters",
                "featuremill.eventTimeLagMs", "featuremill.guardRejections", "featuremill.retries", "featuremill.roundTripMs",
                "featuremill.rows", "featuremill.sparedWrites", "featuremill.writes");
    }

    @Test
    void anIdleSinkHasNeitherBatchesNorALag() {
        assertThat(histogram("batchRows").size()).isZero();
        assertThat(histogram("roundTripMs").size()).isZero();
        assertThat(value("featuremill.bytes")).isZero();
        assertThat(value("featuremill.eventTimeLagMs")).isEqualTo(-1);
    }

    @Test
    void batchesAreMeasured() throws IOException {
        sender.send(List.of(row("a", 1, 0, "a", "1"), row("b", 1, 0, "a", "1"), row("c", 1, 0, "a", "1")));
        sender.send(List.of(row("a", 2, 0, "a", "1")));
        assertThat(histogram("batchRows").getValues()).containsExactly(1, 3);
        assertThat(histogram("roundTripMs").size()).isEqualTo(2);
        assertThat(value("featuremill.writes")).isEqualTo(4);
        assertThat(value("numRecordsSend")).isEqualTo(4);
    }

    /** As the server counts them, but for what is told before the first row. */
    @Test
    void bytesAreThoseOnTheWay() throws IOException {
        long before = bytesThatCame();
        long asking = bytesThatCame() - before;
        sender.send(List.of(row("a", 1, 0, "a", "x".repeat(12_345), "b", null), row("ü", 1234, 0, "a", "1")));
        assertThat(value("featuremill.bytes")).isEqualTo(bytesThatCame() - before - 2 * asking).isGreaterThan(12_345);
        assertThat(value("numBytesSend")).isEqualTo(value("featuremill.bytes"));
    }

    private long bytesThatCame() {
        try (Jedis redis = server.client()) {
            return redis.info("stats").lines().filter(line -> line.startsWith("total_net_input_bytes:"))
                    .mapToLong(line -> Long.parseLong(line.split(":")[1])).findFirst().orElseThrow();
        }
    }

    @Test
    void theRoundTripIsTheWayThereAndBack() throws IOException {
        proxy.delayMs = 30;
        sender.send(List.of(row("a", 1, 0, "a", "1")));
        assertThat(histogram("roundTripMs").getMax()).isBetween(60L, 2_000L);
        assertThat(value("currentSendTime")).isEqualTo(histogram("roundTripMs").getMax());
    }

    @Test
    void theLagIsThatOfTheNewestRowThatWasWritten() throws IOException {
        long now = System.currentTimeMillis();
        sender.send(List.of(row("a", now - 50_000, 0, "a", "1"), row("b", now - 70_000, 0, "a", "1")));
        assertThat(value("featuremill.eventTimeLagMs")).isBetween(50_000L, 60_000L);
        sender.send(List.of(row("a", now - 90_000, 0, "a", "1"))); // turned away
        assertThat(value("featuremill.guardRejections")).isEqualTo(1);
        assertThat(value("featuremill.eventTimeLagMs")).isBetween(50_000L, 60_000L);
    }

    @Test
    void theBufferIsSeenAsItIs() {
        buffer.add(row("a", 1, 0, "a", "1"), 0);
        assertThat(value("featuremill.bufferedRows")).isEqualTo(1);
        assertThat(value("featuremill.bufferedBytes")).isEqualTo(buffer.bytes()).isPositive();
    }

    @Test
    void aHistogramIsOverTheLastValues() {
        RecentValues values = new RecentValues(4);
        assertThat(values.getStatistics().getQuantile(0.5)).isZero();
        for (long value : new long[] {99, 4, 1, 3, 2}) {
            values.update(value);
        }
        HistogramStatistics statistics = values.getStatistics();
        assertThat(values.getCount()).isEqualTo(5);
        assertThat(statistics.getValues()).containsExactly(1, 2, 3, 4);
        assertThat(statistics.getQuantile(0.5)).isEqualTo(2);
        assertThat(statistics.getQuantile(0.99)).isEqualTo(4);
        assertThat(statistics.getQuantile(0)).isEqualTo(1);
        assertThat(statistics.getMin()).isEqualTo(1);
        assertThat(statistics.getMax()).isEqualTo(4);
        assertThat(statistics.getMean()).isEqualTo(2.5);
        assertThat(statistics.getStdDev()).isBetween(1.11, 1.12);
    }

    private HistogramStatistics histogram(String name) {
        return ((Histogram) registered.get("featuremill." + name)).getStatistics();
    }

    private long value(String name) {
        Object metric = registered.get(name);
        return metric instanceof Counter counter ? counter.getCount() : ((Number) ((Gauge<?>) metric).getValue()).longValue();
    }

    /** Keeps what is registered in it, by name. */
    @SuppressWarnings("unchecked")
    private <T> T group(Class<T> type, String prefix) {
        return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> switch (method.getName()) {
            case "addGroup" -> group(MetricGroup.class, prefix + arguments[0] + ".");
            case "counter" -> keep(prefix + arguments[0], new SimpleCounter());
            case "gauge", "histogram" -> keep(prefix + arguments[0], arguments[1]);
            case "setCurrentSendTimeGauge" -> keep("currentSendTime", arguments[0]);
            case "getNumBytesSendCounter" -> keep("numBytesSend", new SimpleCounter());
            case "getNumRecordsSendCounter" -> keep("numRecordsSend", new SimpleCounter());
            case "getNumRecordsSendErrorsCounter" -> keep("numRecordsSendErrors", new SimpleCounter());
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    private Object keep(String name, Object metric) {
        registered.put(name, metric);
        return metric;
    }
}
