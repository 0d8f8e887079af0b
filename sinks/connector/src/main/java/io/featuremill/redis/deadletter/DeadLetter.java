package io.featuremill.redis.deadletter;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A row that could not go on, and why.
 *
 * <p>Whatever isn't known where the letter is written is null.
 *
 * @param pipeline whose row it was
 * @param stage how far it had come: {@code source}, {@code query}, {@code feature-source} or {@code redis}
 * @param message what happened, for a person
 * @param table the table that it came from
 * @param value the row itself: the record's bytes, or at stage {@code redis} the row in the feature source's JSON
 * @param at when it happened
 */
public record DeadLetter(
        String pipeline,
        String stage,
        Reason reason,
        String message,
        String table,
        String topic,
        Integer partition,
        Long offset,
        byte[] value,
        Instant at) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /** Exceptions quote their input at times, and the value is in the letter anyway. */
    private static final int LONGEST_MESSAGE = 1_000;

    /**
     * The letter as it stands in the topic, for example
     *
     * <pre>{"pipeline":"airport_departure_delay","stage":"source","reason":"unreadable","message":"…",
     * "origin":{"table":"departures","topic":null,"partition":null,"offset":null},"value_base64":"e30=",
     * "at":"2013-01-01T06:00:00.000Z"}</pre>
     *
     * on one line.
     */
    public byte[] toJson() {
        ObjectNode json = JSON.createObjectNode();
        json.put("pipeline", pipeline);
        json.put("stage", stage);
        json.put("reason", reason.code());
        json.put("message", shortened(message));
        json.putObject("origin").put("table", table).put("topic", topic).put("partition", partition).put("offset", offset);
        json.put("value_base64", value == null ? null : Base64.getEncoder().encodeToString(value));
        json.put("at", TIME.format(at));
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A tree of texts and numbers can always be written", e);
        }
    }

    /** The letter without the row, for a topic that doesn't take so much; the message says so. */
    public DeadLetter withoutValue() {
        String told = "The value of " + value.length + " bytes is left out, since the topic takes no letter so large. " + message;
        return new DeadLetter(pipeline, stage, reason, told, table, topic, partition, offset, null, at);
    }

    private static String shortened(String text) {
        return text == null || text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE) + "…";
    }
}
