package dev.trunkline.server;

import dev.trunkline.server.config.TlsFiles;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Makes of files what an HTTPS client needs. Blocks. */
final class ApiTls {
    private static final char[] NO_PASSWORD = new char[0];

    private ApiTls() {}

    /** @throws PemFile.Unusable if a file cannot be used, which it names */
    static SSLContext load(TlsFiles files) throws PemFile.Unusable {
        List<X509Certificate> trusted = files.ca() == null ? null : PemFile.certificates(files.ca());
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(files.cert(), files.key()), trust(trusted, files.verifyHost()), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyManager @Nullable [] keys(@Nullable Path cert, @Nullable Path key)
            throws PemFile.Unusable, GeneralSecurityException, IOException {
        if (cert == null || key == null) {
            return null;
        }
        List<X509Certificate> chain = PemFile.certificates(cert);
        PrivateKey secret = PemFile.privateKey(key);
        if (!belong(secret, chain.getFirst())) {
            throw new PemFile.Unusable(key, "the private key does not belong to the certificate in " + cert);
        }
        KeyStore store = emptyStore();
        store.setKeyEntry("client", secret, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    /** Whether what the one has signed is genuine to the other. */
    private static boolean belong(PrivateKey key, X509Certificate certificate) {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> "EdDSA";
                };
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            byte[] signed = signer.sign();
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(certificate.getPublicKey());
            return verifier.verify(signed);
        } catch (GeneralSecurityException _) {
            return false;
        }
    }

    private static TrustManager[] trust(@Nullable List<X509Certificate> trusted, boolean verifyHost)
            throws GeneralSecurityException, IOException {
        KeyStore store = trusted == null ? null : store(trusted);
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        TrustManager[] managers = factory.getTrustManagers();
        for (int i = 0; !verifyHost && i < managers.length; i++) {
            if (managers[i] instanceof X509TrustManager careful) {
                managers[i] = new AnyHost(careful);
            }
        }
        return managers;
    }

    private static KeyStore store(List<X509Certificate> trusted) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        for (int i = 0; i < trusted.size(); i++) {
            store.setCertificateEntry("ca" + i, trusted.get(i));
        }
        return store;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, NO_PASSWORD);
        return store;
    }

    /** Looks who vouches for a server, and not for which host. The JDK's own look at the host stands in the methods with a socket. */
    private static final class AnyHost extends X509ExtendedTrustManager {
        private final X509TrustManager careful;

        AnyHost(X509TrustManager careful) {
            this.careful = careful;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            careful.checkServerTrusted(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            careful.checkServerTrusted(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            careful.checkServerTrusted(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            careful.checkClientTrusted(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            careful.checkClientTrusted(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            careful.checkClientTrusted(chain, authType);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return careful.getAcceptedIssuers();
        }
    }
}
