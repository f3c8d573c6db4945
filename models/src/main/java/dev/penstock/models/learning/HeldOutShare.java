package dev.penstock.models.learning;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Which requests no version ever learns from: a pure function of pipeline and request id, so that every training holds
 * out the same ones, however often and in which order it reads them.
 *
 * <p>A request's place between 0 and 1 is the first 53 bits of SHA-256 over {@code held-out}, pipeline and request id, in
 * UTF-8 and with the character U+001F between them. Below the share it is held out; so a larger share holds out the same
 * requests and more.
 *
 * @param share 0 to 1
 */
public record HeldOutShare(double share) {
    private static final char SEPARATOR = '\u001f';
    private static final String SALT = "held-out";
    private static final int PLACE_BITS = 53;

    public HeldOutShare {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("Cannot hold out a share of %s: it must be 0 to 1".formatted(share));
        }
    }

    public boolean holdsOut(String pipeline, String requestId) {
        byte[] hash = sha256().digest((SALT + SEPARATOR + pipeline + SEPARATOR + requestId).getBytes(UTF_8));
        return (ByteBuffer.wrap(hash).getLong() >>> (Long.SIZE - PLACE_BITS)) * 0x1.0p-53 < share;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Cannot hold out requests: this Java has no SHA-256", e);
        }
    }
}
