package dev.trunkline.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file in PEM (RFC 7468). What it does not know stands between the blocks, and is passed over. Blocks. */
final class PemFile {
    private static final long MAX_BYTES = 1 << 20;
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    /** Headers of the kind that encrypted keys in OpenSSL's old form have. */
    private static final Pattern KEY = Pattern.compile("-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----");

    private static final List<String> KEY_TYPES = List.of("RSA", "EC", "Ed25519", "Ed448");

    private PemFile() {}

    /**
     * Why a file is of no use.
     */
    static final class Unusable extends Exception {
        private final transient Path file;

        /** @param reason what is wrong, without the name of the file */
        Unusable(Path file, String reason) {
            super(reason, null, false, false);
            this.file = file;
        }

        Path file() {
            return file;
        }
    }

    /** One or more, in the order of the file. */
    static List<X509Certificate> certificates(Path file) throws Unusable {
        List<X509Certificate> certificates = new ArrayList<>();
        Matcher blocks = BLOCK.matcher(text(file));
        while (blocks.find()) {
            if (blocks.group(1).equals("CERTIFICATE")) {
                certificates.add(certificate(file, blocks.group(2), certificates.size() + 1));
            }
        }
        if (certificates.isEmpty()) {
            throw new Unusable(file, "there is no certificate in PEM in it");
        }
        return certificates;
    }

    /** The first private key; only PKCS#8 that is not encrypted is known. */
    static PrivateKey privateKey(Path file) throws Unusable {
        String text = text(file);
        Matcher blocks = BLOCK.matcher(text);
        while (blocks.find()) {
            if (blocks.group(1).equals("PRIVATE KEY")) {
                return privateKey(file, decoded(file, blocks.group(2)));
            }
        }
        Matcher other = KEY.matcher(text);
        if (!other.find()) {
            throw new Unusable(file, "there is no private key in PEM in it");
        }
        String kind = other.group(1).strip();
        throw new Unusable(
                file,
                (kind.equals("ENCRYPTED") ? "the private key is encrypted" : "the private key is not in PKCS#8")
                        + "; \"openssl pkey -in FILE -out NEWFILE\" makes one that is read");
    }

    private static PrivateKey privateKey(Path file, byte[] der) throws Unusable {
        for (String type : KEY_TYPES) {
            try {
                return KeyFactory.getInstance(type).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException _) {
                // It is a key of another type.
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new Unusable(file, "the private key is none of " + String.join(", ", KEY_TYPES));
    }

    private static X509Certificate certificate(Path file, String base64, int number) throws Unusable {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(decoded(file, base64)));
        } catch (CertificateException _) {
            throw new Unusable(file, "certificate " + number + " in it cannot be read");
        }
    }

    private static byte[] decoded(Path file, String base64) throws Unusable {
        try {
            return Base64.getMimeDecoder().decode(base64);
        } catch (IllegalArgumentException _) {
            throw new Unusable(file, "what stands in it is not in base 64");
        }
    }

    private static String text(Path file) throws Unusable {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new Unusable(file, "the file is larger than 1MB");
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException _) {
            throw new Unusable(file, "there is no such file");
        } catch (AccessDeniedException _) {
            throw new Unusable(file, "the file may not be read");
        } catch (IOException e) {
            throw new Unusable(file, "the file cannot be read: " + e.getMessage());
        }
    }
}
