package dev.penstock.inference.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.schemas.Variant;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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

    private static final byte[] NAMESPACE_BYTES = ByteBuffer.allocate(2 * Long.BYTES)
            .putLong(NAMESPACE.getMostSignificantBits())
            .putLong(NAMESPACE.getLeastSignificantBits())
            .array();

    private static final char SEPARATOR = '\u001f';

    private final MessageDigest digest = sha1();

    String of(String pipeline, String requestId, String model, int version, Variant variant) {
        String name = pipeline + SEPARATOR + requestId + SEPARATOR + model + SEPARATOR + version + SEPARATOR + variant;
        digest.update(NAMESPACE_BYTES);
        ByteBuffer bits = ByteBuffer.wrap(digest.digest(name.getBytes(UTF_8)));
        long most = (bits.getLong() & ~0xF000L) | 0x5000L;
        long least = (bits.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(most, least).toString();
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Cannot make prediction ids: this Java has no SHA-1", e);
        }
    }
}
