package io.featuremill.redis.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisCommandTest {

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 10, 99, 100, 255, 256, 257, 1000, 70_000})
    void aWordSaysItsLength(int length) throws IOException {
        String word = "w".repeat(length);
        assertThat(wire(RedisCommand.of("SET", word))).isEqualTo("*2\r\n$3\r\nSET\r\n$" + length + "\r\n" + word + "\r\n");
    }

    @Test
    void numbersAreWords() throws IOException {
        RedisCommand.Builder command = new RedisCommand.Builder(1).begin(4);
        command.word(0).word(-1_000).word(Long.MAX_VALUE).word(1_700_000_000_000L, '-', 10);
        assertThat(wire(command.build())).isEqualTo(
                "*4\r\n$1\r\n0\r\n$5\r\n-1000\r\n$19\r\n9223372036854775807\r\n$16\r\n1700000000000-10\r\n");
    }

    private static String wire(RedisCommand command) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        command.writeTo(out);
        return out.toString(StandardCharsets.UTF_8);
    }
}
