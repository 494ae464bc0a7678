package dev.trunkline.server.etcd;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Certificates and keys in PEM, made by the JDK's keytool in one directory: {@code NAME.pem} and {@code NAME.key}. */
public final class TestCertificates {
    private static final String PASSWORD = "secret1";

    private final Path directory;

    /** @param directory to write to */
    public TestCertificates(Path directory) {
        this.directory = directory;
    }

    /** Somebody who vouches for others. */
    public Path authority(String name) throws IOException, InterruptedException {
        generate(name, "RSA", "-ext", "bc:c");
        return Files.write(certificate(name), keytool("-exportcert", "-rfc", "-alias", name, "-keystore", store(name)));
    }

    /**
     * Somebody for whom {@code authority} vouches.
     *
     * @param algorithm RSA, EC or Ed25519
     * @param names as {@code ip:127.0.0.1}, {@code dns:localhost}
     */
    public void issue(String name, String algorithm, String authority, String names)
            throws IOException, InterruptedException, GeneralSecurityException {
        generate(name, algorithm);
        Path request = directory.resolve(name + ".csr");
        Files.write(request, keytool("-certreq", "-alias", name, "-keystore", store(name)));
        byte[] signed = keytool(
                "-gencert",
                "-rfc",
                "-alias",
                authority,
                "-keystore",
                store(authority),
                "-infile",
                request.toString(),
                "-ext",
                "san=" + names);
        Files.write(certificate(name), signed);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(store(name)))) {
            store.load(in, PASSWORD.toCharArray());
        }
        byte[] der = store.getKey(name, PASSWORD.toCharArray()).getEncoded();
        Files.writeString(key(name), pem("PRIVATE KEY", der));
    }

    public Path certificate(String name) {
        return directory.resolve(name + ".pem");
    }

    public Path key(String name) {
        return directory.resolve(name + ".key");
    }

    /** A block in PEM. */
    public static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private void generate(String name, String algorithm, String... more) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                "-genkeypair", "-alias", name, "-keystore", store(name), "-keyalg", algorithm, "-dname", "CN=" + name));
        words.addAll(List.of(more));
        keytool(words.toArray(String[]::new));
    }

    private String store(String name) {
        return directory.resolve(name + ".p12").toString();
    }

    private static byte[] keytool(String... words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>();
        all.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        all.addAll(List.of(words));
        all.addAll(List.of("-storepass", PASSWORD, "-storetype", "PKCS12"));
        Process process = new ProcessBuilder(all)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        if (process.waitFor() != 0) {
            throw new UncheckedIOException(new IOException(all + ": " + new String(output, StandardCharsets.UTF_8)));
        }
        return output;
    }
}
