package io.featuremill.redis.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class DeadLetterTest {

    private static final Instant AT = Instant.parse("2013-01-01T06:00:00.123456789Z");

    @Test
    void allThatIsKnown() {
        DeadLetter letter = new DeadLetter(
                "p", "redis", Reason.WRONG_TYPE, "a \"quoted\"\nmessage ü", "t", "features.p", 3, 42L, new byte[] {0, -1}, AT);
        assertThat(letter.toJson()).asString().isEqualTo("{\"pipeline\":\"p\",\"stage\":\"redis\",\"reason\":\"wrong-type\","
                + "\"message\":\"a \\\"quoted\\\"\\nmessage ü\","
                + "\"origin\":{\"table\":\"t\",\"topic\":\"features.p\",\"partition\":3,\"offset\":42},"
                + "\"value_base64\":\"AP8=\",\"at\":\"2013-01-01T06:00:00.123Z\"}");
    }

    @Test
    void whatIsNotKnownIsNull() {
        DeadLetter letter = new DeadLetter(null, "source", Reason.UNREADABLE, null, null, null, null, null, null, Instant.EPOCH);
        assertThat(letter.toJson()).asString().isEqualTo("{\"pipeline\":null,\"stage\":\"source\",\"reason\":\"unreadable\","
                + "\"message\":null,\"origin\":{\"table\":null,\"topic\":null,\"partition\":null,\"offset\":null},"
                + "\"value_base64\":null,\"at\":\"1970-01-01T00:00:00.000Z\"}");
    }

    @Test
    void aLongMessageIsShortenedAndTheValueIsNot() throws Exception {
        byte[] value = new byte[100_000];
        DeadLetter letter = new DeadLetter(
                "p", "source", Reason.UNREADABLE, "x".repeat(50_000), null, null, null, null, value, AT);
        var json = new ObjectMapper().readTree(letter.toJson());
        assertThat(json.get("message").textValue()).hasSize(1001).endsWith("…");
        assertThat(Base64.getDecoder().decode(json.get("value_base64").textValue())).isEqualTo(value);
    }

    @Test
    void aLetterCanGoWithoutItsValueAndSaysSo() {
        DeadLetter letter = new DeadLetter("p", "source", Reason.UNREADABLE, "bad", "t", null, null, null, new byte[7], AT);
        assertThat(letter.withoutValue().value()).isNull();
        assertThat(letter.withoutValue().message()).isEqualTo(
                "The value of 7 bytes is left out, since the topic takes no letter so large. bad");
        assertThat(letter.withoutValue().table()).isEqualTo("t");
    }

    @Test
    void codesAreUnique() {
        assertThat(Arrays.stream(Reason.values()).map(Reason::code)).doesNotHaveDuplicates().hasSize(13);
    }
}
