package io.featuremill.redis.connection;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Redis answered instead of a value, in its own words, which begin with a code such as {@code WRONGTYPE}. */
public record RedisErrorReply(String message) {

    /**
     * What a command in a script is told, Redis 6.2 hands on as {@code @user_script: 57: -OOM command not allowed…}, and what EXEC
     * meets, as {@code EXECABORT Transaction discarded because of: BUSY …}.
     */
    private static final Pattern CODE = 
            Pattern.compile("^(?:EXECABORT Transaction discarded because of: )?(?:@user_script: ?\\d+: ?)?-?(\\S+)");

    /** What an error means for the write that met it. */
    public enum Kind {
        /** The server doesn't know the script (any more): load it and send the write again. */
        SCRIPT_UNKNOWN,
        /** It passes: wait and send the write again. */
        TRANSIENT,
        /** It is about this row: the next one may do better. */
        ROW,
        /** It is about how we are set up, or unknown to us: every further write would meet it, or worse. */
        FATAL
    }

    /** The first word, {@code ERR} for most. */
    public String code() {
        Matcher matcher = CODE.matcher(message);
        return matcher.find() ? matcher.group(1) : "";
    }

    public Kind kind() {
        return switch (code()) {
            case "NOSCRIPT" -> Kind.SCRIPT_UNKNOWN;
            case "OOM", "LOADING", "READONLY", "MASTERDOWN", "TRYAGAIN", "BUSY", "CLUSTERDOWN", "MISCONF", "NOREPLICAS" ->
                    Kind.TRANSIENT;
            case "WRONGTYPE", "FMARGS", "FMGUARD" -> Kind.ROW;
            default -> Kind.FATAL;
        };
    }
}
