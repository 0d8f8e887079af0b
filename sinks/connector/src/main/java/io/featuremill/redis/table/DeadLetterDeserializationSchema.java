package io.featuremill.redis.table;

import io.featuremill.redis.deadletter.DeadLetter;
import io.featuremill.redis.deadletter.DeadLetterQueue;
import io.featuremill.redis.deadletter.KafkaDeadLetterQueue;
import io.featuremill.redis.deadletter.Reason;
import java.io.IOException;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a record with another schema; if that fails, or leaves a {@code NOT NULL} column null, writes a dead letter and goes on
 * with the next.
 *
 * <p>A record goes on as a whole or not at all: a schema may hand out some rows of a record before it fails on the next, and
 * they would be in the job and in the letter.
 *
 * <p>A format hears nothing of checkpoints: once this has returned, the record's offset may be committed at any time. So each
 * letter is acknowledged by Kafka before it returns. That is slow for a flood of bad records, and loses none of them; if Kafka
 * doesn't acknowledge in time, the job fails and reads the record again.
 */
final class DeadLetterDeserializationSchema implements DeserializationSchema<RowData> {

    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterDeserializationSchema.class);

    /** Where in the record, among much that says nothing. */
    private static final Pattern JACKSON_LOCATION = Pattern.compile("\\s*at \\[Source: [^\\]]*line: (\\d+), column: (\\d+)\\]");

    private final DeserializationSchema<RowData> inner;
    private final DeadLetterAddress address;
    private final List<String> columns;
    private final int[] notNull;
    private final Opener opener;

    private transient DeadLetterQueue letters;
    private transient Counter deadLetters;
    private transient Rows rows;

    DeadLetterDeserializationSchema(DeserializationSchema<RowData> inner, RowType produced, DeadLetterAddress address) {
        this(inner, produced, address, DeadLetterDeserializationSchema::kafka);
    }

    /** For tests, which look at the letters elsewhere. */
    DeadLetterDeserializationSchema(
            DeserializationSchema<RowData> inner, RowType produced, DeadLetterAddress address, Opener opener) {
        this.inner = inner;
        this.address = address;
        this.columns = produced.getFieldNames();
        this.notNull = IntStream.range(0, produced.getFieldCount())
                .filter(i -> !produced.getTypeAt(i).isNullable()).toArray();
        this.opener = opener;
    }

    @FunctionalInterface
    interface Opener extends Serializable {
        DeadLetterQueue open(DeadLetterAddress address);
    }

    private static DeadLetterQueue kafka(DeadLetterAddress address) {
        return new KafkaDeadLetterQueue(address.bootstrapServers(), address.topic(), address.timeout());
    }

    @Override
    public void open(InitializationContext context) throws Exception {
        inner.open(context);
        rows = new Rows();
        deadLetters = context.getMetricGroup().addGroup("featuremill").counter("deadLetters");
        letters = opener.open(address);
        // A format is never closed. This is the one moment at which the job's classes are let go, and the client has to end then.
        DeadLetterQueue opened = letters;
        context.getUserCodeClassLoader().registerReleaseHookIfAbsent(
                "featuremill-dead-letter-" + System.identityHashCode(this) + "-" + System.nanoTime(), opened::close);
    }

    @Override
    public void deserialize(byte[] record, Collector<RowData> out) throws IOException {
        if (read(record)) {
            rows.read.forEach(out::collect);
        }
        rows.read.clear();
    }

    @Override
    public RowData deserialize(byte[] record) throws IOException {
        RowData row = read(record) && !rows.read.isEmpty() ? rows.read.get(0) : null;
        rows.read.clear();
        return row;
    }

    private boolean read(byte[] record) throws IOException {
        if (record == null) {
            return letter(null, Reason.NULL_VALUE, "The record has no value.");
        }
        rows.read.clear();
        try {
            inner.deserialize(record, rows);
        } catch (IOException | RuntimeException e) {
            return letter(record, Reason.UNREADABLE, messages(e));
        }
        for (RowData row : rows.read) {
            for (int column : notNull) {
                if (row.isNullAt(column)) {
                    return letter(record, Reason.NULL_COLUMN, "Column '" + columns.get(column) + "' is NOT NULL, and is null here.");
                }
            }
        }
        return true;
    }

    /** Always false: the record is no row. */
    private boolean letter(byte[] record, Reason reason, String message) throws IOException {
        letters.send(new DeadLetter(
                address.pipeline(), address.stage(), reason, message, address.table(), null, null, null, record, Instant.now()));
        letters.flush();
        deadLetters.inc();
        LOG.warn("Dead letter ({}) from table {}: {}", reason.code(), address.table(), message);
        return false;
    }

    /** The innermost first: it says why, while the outer ones say that, and quote the record, however long it is. */
    private static String messages(Throwable e) {
        Deque<String> all = new ArrayDeque<>();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            if (!message.equals(all.peek())) {
                all.push(message);
            }
        }
        return JACKSON_LOCATION.matcher(String.join(" | ", all)).replaceAll(" (line $1, column $2)");
    }

    @Override
    public boolean isEndOfStream(RowData next) {
        return inner.isEndOfStream(next);
    }

    @Override
    public TypeInformation<RowData> getProducedType() {
        return inner.getProducedType();
    }

    private static final class Rows implements Collector<RowData> {
        private final List<RowData> read = new ArrayList<>(1);

        @Override
        public void collect(RowData row) {
            read.add(row);
        }

        @Override
        public void close() {}
    }
}
