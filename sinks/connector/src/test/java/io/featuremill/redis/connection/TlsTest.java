package io.featuremill.redis.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.featuremill.redis.RealRedis;
import io.featuremill.redis.TcpProxy;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TLS ends at a proxy in front of a plain server, since few builds of Redis speak it. Both sides sign for themselves. */
class TlsTest {

    private static final char[] STORE_PASSWORD = "changeit".toCharArray();

    @TempDir
    static Path folder;

    private static RealRedis server;
    private static TcpProxy open;
    private static TcpProxy mutual;

    @BeforeAll
    static void start() throws Exception {
        Process first = keytool("server", "RSA", "ip:127.0.0.1");
        Process second = keytool("client", "EC", "dns:client");
        assertThat(first.waitFor()).isZero();
        assertThat(second.waitFor()).isZero();
        writePem("server");
        writePem("client");
        server = new RealRedis();
        open = new TcpProxy(server.port, listener(false));
        mutual = new TcpProxy(server.port, listener(true));
    }

    @AfterAll
    static void stop() {
        open.close();
        mutual.close();
        server.close();
    }

    @Test
    void aServerThatIsTrusted() throws Exception {
        ping(connector("127.0.0.1", open, new Tls(pem("server"), null, null)));
    }

    @Test
    void aClientThatTheServerTrusts() throws Exception {
        ping(connector("127.0.0.1", mutual, new Tls(pem("server"), pem("client"), pem("client.key"))));
    }

    @Test
    void aServerThatIsNotTrusted() {
        for (Tls tls : List.of(new Tls(pem("client"), null, null), new Tls(null, null, null))) {
            assertThatThrownBy(() -> connector("127.0.0.1", open, tls).connect())
                    .isInstanceOf(RedisConfigurationException.class)
                    .hasMessageContaining("No secure connection to Redis at 127.0.0.1:" + open.port())
                    .hasMessageContaining("valid certification path");
        }
    }

    @Test
    void aServerWithAnotherName() {
        assertThatThrownBy(() -> connector("localhost", open, new Tls(pem("server"), null, null)).connect())
                .isInstanceOf(RedisConfigurationException.class).hasMessageContaining("localhost");
    }

    /** Whether the client still hears why depends on who is faster; it never gets in. */
    @Test
    void aClientThatTheServerDoesNotTrust() {
        Tls stranger = new Tls(pem("server"), pem("server"), pem("server.key"));
        for (Tls tls : List.of(new Tls(pem("server"), null, null), stranger)) {
            assertThatThrownBy(() -> ping(connector("127.0.0.1", mutual, tls))).isInstanceOf(RedisSinkException.class);
        }
    }

    @Test
    void aConnectionThatEndsInTheHandshakeMayCome() throws Exception {
        try (TcpProxy cut = new TcpProxy(open.port())) {
            cut.cutAfter(1);
            StandaloneRedis connector = connector("127.0.0.1", cut, new Tls(pem("server"), null, null));
            assertThatThrownBy(connector::connect).isInstanceOf(RedisUnavailableException.class);
            ping(connector);
        }
    }

    @Test
    void largePipelinesGoBothWays() throws Exception {
        String value = "x".repeat(1 << 20);
        try (RedisConnection connection = connector("127.0.0.1", open, new Tls(pem("server"), null, null)).connect()) {
            List<RedisCommand> commands = Collections.nCopies(10, RedisCommand.of("ECHO", value));
            assertThat(connection.exchange(commands)).allSatisfy(reply -> assertThat(new String((byte[]) reply)).isEqualTo(value));
        }
    }

    /** The pipeline is more than what the system takes on both ways, to the proxy and from there. */
    @Test
    void aServerThatStopsReadingCountsAsLost() throws Exception {
        TcpEndpoint endpoint = new TcpEndpoint("127.0.0.1", open.port(), new Tls(pem("server"), null, null));
        StandaloneRedis connector =
                new StandaloneRedis(endpoint, null, null, 0, Duration.ofSeconds(5), Duration.ofMillis(500));
        try (RedisConnection connection = connector.connect()) {
            server.pause();
            List<RedisCommand> commands = Collections.nCopies(60, RedisCommand.of("ECHO", "x".repeat(1 << 20)));
            assertTimeout(Duration.ofSeconds(5), () -> {
                assertThatThrownBy(() -> connection.exchange(commands)).isInstanceOf(RedisUnavailableException.class)
                        .hasMessageContaining("Nothing moved for 500 ms");
                connection.close();
            });
        } finally {
            server.resume();
        }
    }

    @Test
    void aServerWithoutTlsWontPass() throws Exception {
        try (TcpProxy plain = new TcpProxy(server.port)) {
            assertThatThrownBy(() -> connector("127.0.0.1", plain, new Tls(pem("server"), null, null)).connect())
                    .isInstanceOf(RedisSinkException.class);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "nowhere.pem    | client.pem    | client.key.pem | Option 'tls.ca-file': | can't be read on this machine",
        "empty.pem      | client.pem    | client.key.pem | Option 'tls.ca-file': | holds no certificate",
        "client.key.pem | client.pem    | client.key.pem | Option 'tls.ca-file': | holds no certificate",
        "server.pem     | nowhere.pem   | client.key.pem | Option 'tls.certificate-file': | can't be read on this machine",
        "server.pem     | empty.pem     | client.key.pem | Option 'tls.certificate-file': | holds no certificate",
        "server.pem     | client.pem    | nowhere.pem    | Option 'tls.key-file': | can't be read on this machine",
        "server.pem     | client.pem    | client.pem     | Option 'tls.key-file': | openssl pkcs8 -topk8 -nocrypt",
        "server.pem     | client.pem    | broken.pem     | Option 'tls.key-file': | holds a key that is neither RSA nor EC nor EdDSA",
    })
    void aFileThatIsWrongIsNamedByItsOption(String ca, String certificate, String key, String option, String what) throws Exception {
        Files.writeString(folder.resolve("empty.pem"), "");
        Files.writeString(folder.resolve("broken.pem"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        Tls tls = new Tls(folder.resolve(ca).toString(), folder.resolve(certificate).toString(), folder.resolve(key).toString());
        assertThatThrownBy(() -> connector("127.0.0.1", mutual, tls).connect())
                .isInstanceOf(RedisConfigurationException.class).hasMessageContaining(option).hasMessageContaining(what);
    }

    private static void ping(StandaloneRedis connector) throws Exception {
        try (RedisConnection connection = connector.connect()) {
            assertThat((byte[]) connection.exchange(List.of(RedisCommand.of("ECHO", "hello"))).get(0)).asString().isEqualTo("hello");
        }
    }

    private static StandaloneRedis connector(String host, TcpProxy proxy, Tls tls) {
        return new StandaloneRedis(
                new TcpEndpoint(host, proxy.port(), tls), null, null, 0, Duration.ofSeconds(5), Duration.ofSeconds(2));
    }

    private static String pem(String name) {
        return folder.resolve(name + ".pem").toString();
    }

    private static Process keytool(String name, String algorithm, String subject) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", name, "-keyalg", algorithm,
                        "-dname", "CN=" + name, "-ext", "san=" + subject, "-validity", "2", "-storetype", "PKCS12",
                        "-keystore", folder.resolve(name).toString(), "-storepass", new String(STORE_PASSWORD))
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static KeyStore store(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(name))) {
            store.load(in, STORE_PASSWORD);
        }
        return store;
    }

    private static void writePem(String name) throws Exception {
        KeyStore store = store(name);
        Files.writeString(folder.resolve(name + ".pem"), pem("CERTIFICATE", store.getCertificate(name).getEncoded()));
        Files.writeString(folder.resolve(name + ".key.pem"), pem("PRIVATE KEY", store.getKey(name, STORE_PASSWORD).getEncoded()));
    }

    private static String pem(String what, byte[] bytes) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + what + "-----\n";
    }

    private static SSLServerSocket listener(boolean mutual) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store("server"), STORE_PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("client", store("client").getCertificate("client"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        SSLServerSocket listener = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listener.setNeedClientAuth(mutual);
        return listener;
    }
}
