package io.featuremill.redis;

import io.featuremill.redis.connection.RedisErrorReply;
import io.featuremill.redis.connection.RefusedRowException;
import io.featuremill.redis.deadletter.DeadLetter;
import io.featuremill.redis.deadletter.DeadLetterQueue;
import io.featuremill.redis.deadletter.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.MapData;
import org.apache.flink.table.data.RowData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of a row that can't be written: a dead letter, or the end of the job. Each is counted and logged. */
final class BadRows implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BadRows.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STAGE = "redis";

    private final DeadLetterQueue letters;
    private final WriterMetrics metrics;

    /** @param letters where they go; null if a bad row ends the job */
    BadRows(DeadLetterQueue letters, WriterMetrics metrics) {
        this.letters = letters;
        this.metrics = metrics;
    }

    /** A row that Redis refused. */
    void refused(FeatureRow row, RedisErrorReply reply) throws IOException {
        Reason reason = switch (reply.code()) {
            case "WRONGTYPE" -> Reason.WRONG_TYPE;
            case "FMGUARD" -> Reason.BAD_GUARD;
            default -> Reason.REFUSED;
        };
        String pipeline = text(row.key().pipeline());
        handle(pipeline, reason, "Redis refuses " + row + ": " + reply.message(), wireForm(row));
    }

    /** A row with a key, name or value that the server takes for too long. */
    void tooLong(FeatureRow row, long longest) throws IOException {
        handle(text(row.key().pipeline()), Reason.TOO_LARGE, row + " has a key, name or value of " + row.longestArgument()
                + " bytes, and Redis takes no more than " + longest + " (proto-max-bulk-len).", wireForm(row));
    }

    /** A row that was bad when it arrived. */
    void bad(RowData row, BadRowException why) throws IOException {
        String pipeline = row.isNullAt(FeatureRowConverter.PIPELINE) ? null : row.getString(FeatureRowConverter.PIPELINE).toString();
        handle(pipeline, why.reason(), why.getMessage(), wireForm(row));
    }

    /** From the thread of the task and from those that send. */
    private synchronized void handle(String pipeline, Reason reason, String message, byte[] value) throws IOException {
        metrics.bad();
        if (letters == null) {
            throw new RefusedRowException(message + " ('on-bad-row' = 'fail', reason " + reason.code() + ")");
        }
        metrics.letter();
        LOG.warn("Dead letter ({}) of pipeline {}: {}", reason.code(), pipeline, message);
        letters.send(new DeadLetter(pipeline, STAGE, reason, message, null, null, null, null, value, Instant.now()));
    }

    /** The row as the feature source holds it, so that what was mended can be sent there again. */
    private static byte[] wireForm(FeatureRow row) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("entity_key", text(row.key().entityKey()));
        json.put("event_time", Instant.ofEpochMilli(row.eventTime()).toString());
        ObjectNode features = json.putObject("features");
        for (int i = 0; i < row.names().length; i++) {
            features.put(text(row.names()[i]), row.values()[i] == null ? null : text(row.values()[i]));
        }
        return JSON.writeValueAsBytes(json);
    }

    private static byte[] wireForm(RowData row) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("entity_key",
                row.isNullAt(FeatureRowConverter.ENTITY_KEY) ? null : row.getString(FeatureRowConverter.ENTITY_KEY).toString());
        json.put("event_time", row.isNullAt(FeatureRowConverter.EVENT_TIME)
                ? null : row.getTimestamp(FeatureRowConverter.EVENT_TIME, 3).toInstant().toString());
        if (row.isNullAt(FeatureRowConverter.FEATURES)) {
            json.putNull("features");
        } else {
            MapData map = row.getMap(FeatureRowConverter.FEATURES);
            ArrayData names = map.keyArray();
            ArrayData values = map.valueArray();
            ObjectNode features = json.putObject("features");
            for (int i = 0; i < map.size(); i++) {
                features.put(names.isNullAt(i) ? "null" : names.getString(i).toString(),
                        values.isNullAt(i) ? null : values.getString(i).toString());
            }
        }
        return JSON.writeValueAsBytes(json);
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** Returns when every letter so far has arrived for certain. */
    void flush() throws IOException {
        if (letters != null) {
            letters.flush();
        }
    }

    @Override
    public void close() {
        if (letters != null) {
            letters.close();
        }
    }
}
