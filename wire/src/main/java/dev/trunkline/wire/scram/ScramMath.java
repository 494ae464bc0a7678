package dev.trunkline.wire.scram;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The functions H, HMAC and Hi of RFC 5802 section 2.2, with SHA-256. */
final class ScramMath {
    /** Bytes of every key, digest and proof. */
    static final int KEY_LENGTH = 32;

    private static final String HMAC = "HmacSHA256";

    private ScramMath() {}

    static byte[] sha256(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    static byte[] hmac(byte[] key, byte[] data) {
        return mac(key).doFinal(data);
    }

    static byte[] hmac(byte[] key, String ascii) {
        return hmac(key, ascii.getBytes(StandardCharsets.US_ASCII));
    }

    /** The stretched password: takes as long as the iterations take, a millisecond or more. */
    static byte[] hi(byte[] password, byte[] salt, int iterations) {
        Mac mac = mac(password);
        byte[] round = mac.doFinal(
                ByteBuffer.allocate(salt.length + 4).put(salt).putInt(1).array());
        byte[] result = round.clone();
        for (int i = 1; i < iterations; i++) {
            round = mac.doFinal(round);
            xorInto(result, round);
        }
        return result;
    }

    /** Changes {@code target} to its exclusive or with {@code other}, which has the same length. */
    static void xorInto(byte[] target, byte[] other) {
        for (int i = 0; i < target.length; i++) {
            target[i] ^= other[i];
        }
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac;
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    private static IllegalStateException missing(GeneralSecurityException e) {
        return new IllegalStateException("this Java has no SHA-256, which the platform demands", e);
    }
}
