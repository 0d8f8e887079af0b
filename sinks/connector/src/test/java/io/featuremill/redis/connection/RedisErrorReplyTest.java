package io.featuremill.redis.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisErrorReplyTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "NOSCRIPT No matching script. Please use EVAL.                              | NOSCRIPT   | SCRIPT_UNKNOWN",
        "OOM command not allowed when used memory > 'maxmemory'.                    | OOM        | TRANSIENT",
        "@user_script: 57: -OOM command not allowed when used memory > 'maxmemory'. | OOM        | TRANSIENT",
        "@user_script: 57: -READONLY You can't write against a read only replica.   | READONLY   | TRANSIENT",
        "LOADING Redis is loading the dataset in memory                             | LOADING    | TRANSIENT",
        "MASTERDOWN Link with MASTER is down                                        | MASTERDOWN | TRANSIENT",
        "TRYAGAIN Multiple keys request during rehashing of slot                    | TRYAGAIN   | TRANSIENT",
        "BUSY Redis is busy running a script.                                       | BUSY       | TRANSIENT",
        "WRONGTYPE Operation against a key holding the wrong kind of value          | WRONGTYPE  | ROW",
        "FMGUARD the field @p is not <event time>-<sequence>                        | FMGUARD    | ROW",
        "NOAUTH Authentication required.                                            | NOAUTH     | FATAL",
        "NOPERM this user has no permissions to run the 'evalsha' command           | NOPERM     | FATAL",
        "ERR unknown command 'EVALSHA'                                              | ERR        | FATAL",
        "                                                                           | ``         | FATAL",
    })
    void anErrorSaysWhatItMeans(String message, String code, RedisErrorReply.Kind kind) {
        RedisErrorReply reply = new RedisErrorReply(message == null ? "" : message);
        assertThat(reply.code()).isEqualTo(code);
        assertThat(reply.kind()).isEqualTo(kind);
    }
}
