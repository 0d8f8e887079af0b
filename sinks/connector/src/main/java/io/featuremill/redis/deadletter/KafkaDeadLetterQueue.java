package io.featuremill.redis.deadletter;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.Admin;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.producer.Producer;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.KafkaException;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Dead letters in a Kafka topic.
 *
 * <p>The client starts with the first letter: most jobs never write one, and a producer costs threads and memory. The topic must
 * be there: whether it is gets asked first, since producing to a topic that isn't would create it on many a broker. A letter that
 * is larger than the topic takes arrives without its value.
 *
 * <p>Safe for use by several threads, one letter at a time.
 */
public final class KafkaDeadLetterQueue implements DeadLetterQueue {

    private final String bootstrapServers;
    private final String topic;
    private final Duration timeout;
    private final Queue<Sent> inFlight = new ArrayDeque<>();
    private Producer<byte[], byte[]> producer;

    private record Sent(DeadLetter letter, Future<?> outcome) {}

    /** @param timeout how long a letter may take until Kafka has acknowledged it */
    public KafkaDeadLetterQueue(String bootstrapServers, String topic, Duration timeout) {
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
        this.timeout = timeout;
    }

    @Override
    public synchronized void send(DeadLetter letter) throws IOException {
        if (producer == null) {
            producer = withOwnClassLoader(this::start);
        }
        // Those that have arrived are asked for their outcome now, so that a flood of letters doesn't pile up here.
        while (!inFlight.isEmpty() && inFlight.peek().outcome.isDone()) {
            await(inFlight.poll());
        }
        inFlight.add(produce(letter));
    }

    private Sent produce(DeadLetter letter) throws IOException {
        try {
            return new Sent(letter, producer.send(new ProducerRecord<>(topic, letter.toJson())));
        } catch (KafkaException e) {
            throw failed(e);
        }
    }

    @Override
    public synchronized void flush() throws IOException {
        while (!inFlight.isEmpty()) {
            await(inFlight.poll());
        }
    }

    private void await(Sent sent) throws IOException {
        try {
            // The producer gives up after its own delivery.timeout.ms, the same time: this only guards against its not doing so.
            sent.outcome.get(timeout.toMillis() + 5_000, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof RecordTooLargeException) || sent.letter.value() == null) {
                throw failed(e.getCause());
            }
            // The same record would end the job again after every restart.
            await(produce(sent.letter.withoutValue()));
        } catch (TimeoutException e) {
            throw failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(e);
        }
    }

    private Producer<byte[], byte[]> start() throws IOException {
        int timeoutMs = (int) timeout.toMillis();
        requireTopic(timeoutMs);
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrapServers);
        properties.put("client.id", "featuremill-dead-letters");
        properties.put("acks", "all");
        properties.put("enable.idempotence", "true");
        properties.put("linger.ms", "0");
        properties.put("max.block.ms", timeoutMs);
        properties.put("request.timeout.ms", Math.min(10_000, timeoutMs));
        properties.put("delivery.timeout.ms", timeoutMs);
        properties.put("buffer.memory", 8 * 1024 * 1024);
        // A letter holds its value in base64, so it is larger than a record of the source may have been.
        properties.put("max.request.size", 4 * 1024 * 1024);
        properties.put("compression.type", "gzip");
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void requireTopic(int timeoutMs) throws IOException {
        Map<String, Object> properties = Map.of(
                "bootstrap.servers", bootstrapServers,
                "client.id", "featuremill-dead-letters",
                "request.timeout.ms", Math.min(10_000, timeoutMs),
                "default.api.timeout.ms", timeoutMs);
        try (Admin admin = Admin.create(properties)) {
            admin.describeTopics(Set.of(topic)).allTopicNames().get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw new IOException("The dead-letter topic '" + topic + "' doesn't exist at " + bootstrapServers
                        + ". Create it; it is never created by accident.", e.getCause());
            }
            throw failed(e.getCause());
        } catch (KafkaException | TimeoutException e) {
            throw failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(e);
        }
    }

    private IOException failed(Throwable cause) {
        return new IOException("Can't write a dead letter to topic '" + topic + "' at " + bootstrapServers + ": " + cause
                + ". The job fails rather than lose the row.", cause);
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close(Duration.ofSeconds(5));
            producer = null;
        }
    }

    private interface Start<T> {
        T run() throws IOException;
    }

    /** Kafka looks its classes up by name with the thread's class loader, which in a task need not know the connector's jar. */
    private static <T> T withOwnClassLoader(Start<T> start) throws IOException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(KafkaProducer.class.getClassLoader());
        try {
            return start.run();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
