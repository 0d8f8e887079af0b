package io.featuremill.redis.connection;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * What secures a connection. All files are PEM, and are read where the writer runs, for each connection anew: a renewed certificate
 * needs no restart.
 *
 * @param caFile the authorities to trust, or null for those that Java trusts
 * @param certificateFile the writer's own certificate and what leads to its authority, or null if the server asks for none
 * @param keyFile its key, in PKCS #8 and not encrypted
 */
public record Tls(String caFile, String certificateFile, String keyFile) implements Serializable {

    private static final Pattern KEY = Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");
    private static final char[] NO_PASSWORD = new char[0];

    SSLSocketFactory socketFactory() throws RedisConfigurationException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(caFile == null ? null : authorities());
            KeyManagerFactory keys = null;
            if (certificateFile != null) {
                keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                keys.init(identity(), NO_PASSWORD);
            }
            context.init(keys == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (RedisConfigurationException e) {
            throw e;
        } catch (GeneralSecurityException | IOException e) {
            throw new RedisConfigurationException("TLS can't be set up: " + e.getMessage(), e);
        }
    }

    private KeyStore authorities() throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        int count = 0;
        for (Certificate certificate : certificates("tls.ca-file", caFile)) {
            store.setCertificateEntry("ca-" + count++, certificate);
        }
        return store;
    }

    private KeyStore identity() throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        store.setKeyEntry("own", key(), NO_PASSWORD, certificates("tls.certificate-file", certificateFile).toArray(new Certificate[0]));
        return store;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(String option, String file) throws RedisConfigurationException {
        Collection<? extends Certificate> found;
        try {
            found = CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(read(option, file)));
        } catch (CertificateException e) {
            throw wrong(option, file, "holds no certificate in PEM that can be read", e);
        }
        if (found.isEmpty()) {
            throw wrong(option, file, "holds no certificate in PEM", null);
        }
        return found;
    }

    private PrivateKey key() throws GeneralSecurityException, RedisConfigurationException {
        Matcher pem = KEY.matcher(new String(read("tls.key-file", keyFile), StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw wrong("tls.key-file", keyFile, "holds no key in PKCS #8 without a password ('BEGIN PRIVATE KEY');"
                    + " 'openssl pkcs8 -topk8 -nocrypt' makes one of others", null);
        }
        PKCS8EncodedKeySpec spec;
        try {
            spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
        } catch (IllegalArgumentException e) {
            throw wrong("tls.key-file", keyFile, "holds no key that can be read", null);
        }
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException another) {
                // Which one it is stands inside.
            }
        }
        throw wrong("tls.key-file", keyFile, "holds a key that is neither RSA nor EC nor EdDSA", null);
    }

    private static byte[] read(String option, String file) throws RedisConfigurationException {
        try {
            return Files.readAllBytes(Path.of(file));
        } catch (IOException e) {
            throw wrong(option, file, "can't be read on this machine (" + e.getClass().getSimpleName() + ")", e);
        }
    }

    private static RedisConfigurationException wrong(String option, String file, String what, Exception cause) {
        return new RedisConfigurationException("Option '" + option + "': " + file + " " + what + ".", cause);
    }
}
