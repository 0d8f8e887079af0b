package io.featuremill.redis.deadletter;

/** Why a row became a dead letter. The set is closed: people count and alert by these codes. */
public enum Reason {
    /** {@code unreadable}: the format could not turn the bytes into a row: not JSON, a wrong type, a field that must be there. */
    UNREADABLE("unreadable"),

    /** {@code null-value}: the record has no bytes at all, as a tombstone in a compacted topic has none. */
    NULL_VALUE("null-value"),

    /** {@code null-column}: the bytes were read, and a column that is declared {@code NOT NULL} is null. */
    NULL_COLUMN("null-column"),

    /** {@code bad-key}: the entity key is null, empty, or begins with {@code @}, which is the platform's. */
    BAD_KEY("bad-key"),

    /** {@code bad-pipeline}: the pipeline is null or isn't a pipeline's name. */
    BAD_PIPELINE("bad-pipeline"),

    /** {@code bad-event-time}: the event time is null or so far away that numbers no longer tell it from its neighbours. */
    BAD_EVENT_TIME("bad-event-time"),

    /** {@code bad-features}: the features are null, or one's name is null, empty, or begins with {@code @}. */
    BAD_FEATURES("bad-features"),

    /** {@code bad-ttl}: the time to live is not a positive number of milliseconds. */
    BAD_TTL("bad-ttl"),

    /** {@code bad-sequence}: the sequence is null, negative or above 2^53 - 1. */
    BAD_SEQUENCE("bad-sequence"),

    /** {@code too-large}: a value is longer than {@code value.max-bytes}, or the row larger than what Redis takes in one command. */
    TOO_LARGE("too-large"),

    /** {@code wrong-type}: the Redis key holds something that isn't a hash. */
    WRONG_TYPE("wrong-type"),

    /** {@code bad-guard}: the pipeline's field in the hash isn't one that the sink could have written. */
    BAD_GUARD("bad-guard"),

    /** {@code refused}: Redis refuses the row for another reason, which the message tells. */
    REFUSED("refused");

    private final String code;

    Reason(String code) {
        this.code = code;
    }

    /** As it stands in the dead letter. */
    public String code() {
        return code;
    }
}
