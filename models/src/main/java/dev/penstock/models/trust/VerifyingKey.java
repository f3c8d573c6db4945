package dev.penstock.models.trust;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The public half of an Ed25519 key.
 *
 * @param name of its file, without the ending
 */
public record VerifyingKey(String name, PublicKey key) {
    static final String ALGORITHM = "Ed25519";
    static final String ENDING = ".pub";
    static final String PEM = "PUBLIC KEY";
    private static final int ID_BYTES = 8;

    /** @throws IllegalArgumentException if the file holds no such key */
    public static VerifyingKey read(Path file) throws IOException {
        try {
            PublicKey key =
                    KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(Pem.read(PEM, file)));
            String name = file.getFileName().toString();
            return new VerifyingKey(
                    name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name, key);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "Cannot read a key from %s: it is no %s key (%s); 'penstock keys generate' writes one"
                            .formatted(file, ALGORITHM, e.getMessage()),
                    e);
        }
    }

    /** The first 16 hexadecimal digits of the SHA-256 of the key: short enough to be read out over a telephone. */
    public String id() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
            return HexFormat.of().formatHex(Arrays.copyOf(digest, ID_BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot name a key: this Java has no SHA-256", e);
        }
    }

    boolean verifies(byte[] message, byte[] signature) {
        try {
            Signature verification = Signature.getInstance(ALGORITHM);
            verification.initVerify(key);
            verification.update(message);
            return verification.verify(signature);
        } catch (GeneralSecurityException e) {
            // So it says of signatures that are none.
            return false;
        }
    }
}
