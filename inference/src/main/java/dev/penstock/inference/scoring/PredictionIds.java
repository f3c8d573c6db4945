package dev.penstock.inference.scoring;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.schemas.Variant;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.UUID;

/**
 * Makes ids that are the same whenever the same version answers the same request in the same role, so that a repeat after a
 * restart can be told from a second opinion.
 *
 * <p>For one thread at a time.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-5">RFC 9562, UUID version 5</a>
 */
final class PredictionIds {
    /** Drawn once, for this use alone. */
    private static final UUID NAMESPACE = UUID.fromString("5b1f5f0e-6a0c-4d6e-9a57-3f0d6b1c2e94");

    private static final int NAMESPACE_BYTES = 2 * Long.BYTES;
    private static final char SEPARATOR = '\u001f';
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(US_ASCII);
    private static final byte[] NO_UUID = "00000000-0000-0000-0000-000000000000".getBytes(US_ASCII);
    private static final int SHA1_BYTES = 20;
    private static final int UUID_BYTES = 16;

    private final MessageDigest digest = sha1();
    private final byte[] hash = new byte[SHA1_BYTES];
    private final byte[] id = NO_UUID.clone();
    /** The namespace, and room for the name. */
    private byte[] named = ByteBuffer.allocate(1_024)
            .putLong(NAMESPACE.getMostSignificantBits())
            .putLong(NAMESPACE.getLeastSignificantBits())
            .array();

    /** Who answers, and in which role: the end of a name, which the answers of a version have in common. */
    static byte[] answerer(String model, int version, Variant variant) {
        return (String.valueOf(SEPARATOR) + model + SEPARATOR + version + SEPARATOR + variant).getBytes(UTF_8);
    }

    /**
     * @param pipeline in UTF-8
     * @param requestId in UTF-8
     * @param answerer from {@link #answerer}
     * @return 36 characters; good until the next call
     */
    byte[] of(byte[] pipeline, byte[] requestId, byte[] answerer) {
        int length = NAMESPACE_BYTES + pipeline.length + 1 + requestId.length + answerer.length;
        if (length > named.length) {
            named = Arrays.copyOf(named, 2 * length);
        }
        int at = append(pipeline, NAMESPACE_BYTES);
        named[at++] = SEPARATOR;
        append(answerer, append(requestId, at));
        digest.update(named, 0, length);
        try {
            digest.digest(hash, 0, SHA1_BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException(
                    "Cannot make a prediction's id: SHA-1 has %d bytes".formatted(SHA1_BYTES), e);
        }
        hash[6] = (byte) ((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte) ((hash[8] & 0x3F) | 0x80);
        writeDigits();
        return id;
    }

    private int append(byte[] part, int at) {
        System.arraycopy(part, 0, named, at, part.length);
        return at + part.length;
    }

    private void writeDigits() {
        int at = 0;
        for (int index = 0; index < UUID_BYTES; index++) {
            if (NO_UUID[at] == '-') {
                at++;
            }
            id[at++] = DIGITS[(hash[index] >> 4) & 0xF];
            id[at++] = DIGITS[hash[index] & 0xF];
        }
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Cannot make prediction ids: this Java has no SHA-1", e);
        }
    }
}
