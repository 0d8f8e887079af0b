package io.featuremill.redis;

import io.featuremill.redis.connection.RedisConnector;
import io.featuremill.redis.connection.StandaloneRedis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A Redis or Valkey server of the tests' own, on a free port. The executable is named by the environment variable or system
 * property {@code FEATUREMILL_REDIS_SERVER}; without it a test fails, since one that is skipped says nothing.
 */
public final class RealRedis implements AutoCloseable {

    private static final String SERVER = "FEATUREMILL_REDIS_SERVER";

    public final int port;
    private final Path folder;
    private final Process process;

    public RealRedis(String... arguments) {
        try {
            folder = Files.createTempDirectory("featuremill-redis");
            port = freePort();
            List<String> command = new ArrayList<>(List.of(
                    executable(), "--port", "" + port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
                    folder.toString()));
            command.addAll(List.of(arguments));
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitUp();
    }

    private static String executable() {
        String found = System.getProperty(SERVER, System.getenv(SERVER));
        if (found == null || found.isBlank()) {
            throw new IllegalStateException("These tests need a real Redis or Valkey server. Name its executable:"
                    + " export " + SERVER + "=/path/to/redis-server");
        }
        return found;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitUp() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (System.nanoTime() < deadline && process.isAlive()) {
            try (Jedis jedis = client()) {
                jedis.ping();
                return;
            } catch (JedisException notYet) {
                if (notYet.getMessage().startsWith("NOAUTH")) {
                    return;
                }
                sleep(20);
            }
        }
        close();
        throw new IllegalStateException("The Redis server did not come up");
    }

    public Jedis client() {
        return new Jedis("127.0.0.1", port);
    }

    public RedisConnector connector() {
        return connector(null, null, 0);
    }

    public RedisConnector connector(String username, String password, int database) {
        return new StandaloneRedis(
                "127.0.0.1", port, username, password, database, Duration.ofSeconds(2), Duration.ofSeconds(2));
    }

    /** Stops the process where it is, so that the system still takes what is sent to it and nobody answers. */
    public void pause() {
        signal("STOP");
    }

    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
            if (Files.exists(folder)) {
                try (Stream<Path> files = Files.walk(folder)) {
                    files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
