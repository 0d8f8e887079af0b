package io.featuremill.redis;

import static io.featuremill.redis.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedisWriterStateSerializerTest {

    private final RedisWriterStateSerializer serializer = new RedisWriterStateSerializer();

    /** What {@code writer-state-v1.bin} holds. Neither changes any more: a later release must read what this one wrote. */
    private static final RedisWriterState STATE = new RedisWriterState(List.of(
            row("airport:JFK", "airport_departure_delay", 1_357_020_000_000L, 42, 604_800_000L,
                    "departures_1h", "17", "mean_departure_delay_1h", null),
            row("airport:Zürich", "airport_departure_delay", -1, 0, FeatureRow.NEVER_EXPIRES, "empty", "", "ü", "✓"),
            row("aircraft:N1", "aircraft_rotation", (1L << 53) - 1, (1L << 53) - 1, 1)));

    @Test
    void whatWasWrittenIsRead() throws IOException {
        assertSame(serializer.deserialize(1, serializer.serialize(STATE)), STATE);
        RedisWriterState empty = new RedisWriterState(List.of());
        assertSame(serializer.deserialize(1, serializer.serialize(empty)), empty);
    }

    @Test
    void theBytesOfVersion1AreRead() throws IOException {
        assertSame(serializer.deserialize(1, fixture()), STATE);
    }

    @Test
    void thisReleaseWritesTheBytesOfVersion1() throws IOException {
        assertThat(serializer.getVersion()).isEqualTo(1);
        assertThat(serializer.serialize(STATE)).isEqualTo(fixture());
    }

    @Test
    void anotherVersionIsRefused() {
        assertThatThrownBy(() -> serializer.deserialize(2, fixture()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has version 2").hasMessageContaining("reads version 1 only");
    }

    @Test
    void bytesThatWereCutOffAreRefused() throws IOException {
        byte[] bytes = fixture();
        for (int length = 0; length < bytes.length; length++) {
            assertRefused(Arrays.copyOf(bytes, length));
        }
        assertRefused(Arrays.copyOf(bytes, bytes.length + 1));
    }

    @Test
    void aChangedByteIsRefused() throws IOException {
        for (int i = 0; i < fixture().length; i++) {
            byte[] bytes = fixture();
            bytes[i] ^= 0x10;
            assertRefused(bytes);
        }
    }

    private void assertRefused(byte[] bytes) {
        assertThatThrownBy(() -> serializer.deserialize(1, bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("are not the state of a Redis writer");
    }

    private static byte[] fixture() throws IOException {
        try (InputStream in = RedisWriterStateSerializerTest.class.getResourceAsStream("writer-state-v1.bin")) {
            return in.readAllBytes();
        }
    }

    private static void assertSame(RedisWriterState found, RedisWriterState expected) {
        assertThat(found.rows()).usingRecursiveComparison().isEqualTo(expected.rows());
    }
}
