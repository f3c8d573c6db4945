package dev.penstock.models.trust;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleRefusedException;
import dev.penstock.models.bundle.BundleRefusedException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code signature.json}: one over {@code digests.json}, and so over every file. Signing a bundle again with the same key
 * gives the same bytes.
 *
 * @param keyId of the signer
 */
public record BundleSignature(
        @JsonProperty("signature-version") int version,
        @JsonProperty("algorithm") String algorithm,
        @JsonProperty("key-id") String keyId,
        @JsonProperty("signature") String signature) {
    private static final int VERSION = 1;
    private static final long LARGEST = 4_096;
    /** So that no signature that was given for something else is ever one for a bundle. */
    private static final byte[] CONTEXT = "penstock bundle signature 1\n".getBytes(UTF_8);

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    /** Signs a bundle, in place of a signature that it may have. */
    public static BundleSignature write(Bundle bundle, SigningKey key) throws IOException {
        Path directory = bundle.directory();
        BundleSignature signature = new BundleSignature(
                VERSION,
                VerifyingKey.ALGORITHM,
                key.verifyingKey().id(),
                Base64.getEncoder().encodeToString(key.sign(message(directory))));
        Files.writeString(Bundle.signatureFile(directory), JSON.writeValueAsString(signature) + "\n");
        return signature;
    }

    /**
     * Empty if the bundle has none.
     *
     * @param directory of the bundle
     * @throws BundleRefusedException if there is one that cannot be read
     */
    public static Optional<BundleSignature> read(Path directory) throws IOException {
        Path file = Bundle.signatureFile(directory);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        if (Files.size(file) > LARGEST) {
            throw refused(directory, "it has more than %d bytes".formatted(LARGEST), null);
        }
        BundleSignature signature;
        try {
            signature = JSON.readValue(Files.readAllBytes(file), BundleSignature.class);
        } catch (JsonProcessingException e) {
            throw refused(directory, e.getOriginalMessage(), e);
        }
        if (signature.version != VERSION || !VerifyingKey.ALGORITHM.equals(signature.algorithm)) {
            throw refused(
                    directory,
                    "it is of version %d with %s, and this Penstock reads version %d with %s"
                            .formatted(signature.version, signature.algorithm, VERSION, VerifyingKey.ALGORITHM),
                    null);
        }
        return Optional.of(signature);
    }

    boolean isBy(VerifyingKey key, Path directory) throws IOException {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(signature);
        } catch (IllegalArgumentException e) {
            return false;
        }
        return key.verifies(message(directory), bytes);
    }

    private static byte[] message(Path directory) throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write(CONTEXT);
        message.write(Files.readAllBytes(Bundle.digestsFile(directory)));
        return message.toByteArray();
    }

    private static BundleRefusedException refused(Path directory, String why, @Nullable Exception cause) {
        return new BundleRefusedException(
                Reason.INVALID_SIGNATURE,
                "Cannot trust bundle %s: its signature cannot be read: %s; sign it anew".formatted(directory, why),
                cause);
    }
}
