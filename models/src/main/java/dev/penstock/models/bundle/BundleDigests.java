package dev.penstock.models.bundle;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.penstock.models.bundle.BundleRefusedException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code digests.json}: the SHA-256 of every other file but the signature, so that one signature over this file is one over all.
 *
 * @param files by path from the bundle's directory, 64 lower-case hexadecimal digits each
 */
record BundleDigests(SortedMap<String, String> files) {
    private static final int VERSION = 1;
    private static final long LARGEST = 16L * 1024 * 1024;
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    /** The file as it is written. */
    private record Written(
            @JsonProperty("digests-version") int version,
            @JsonProperty("sha-256") SortedMap<String, String> files) {}

    /** Of every file in the directory but {@code digests.json} itself and the signature over it. */
    static BundleDigests of(Path directory) throws IOException {
        SortedMap<String, String> digests = new TreeMap<>();
        for (Map.Entry<String, Path> file : BundleFiles.of(directory).entrySet()) {
            if (!BundleFiles.UNLISTED.contains(file.getKey())) {
                digests.put(file.getKey(), sha256(file.getValue()));
            }
        }
        return new BundleDigests(digests);
    }

    /** Of the file, binary or text, that has the graphs of the SavedModel. */
    String ofGraph() {
        String file = BundleFiles.SAVED_MODEL + "/saved_model.pb";
        return String.join(",", files.subMap(file, file + Character.MAX_VALUE).values());
    }

    static BundleDigests read(Path directory) throws IOException {
        Path file = directory.resolve(BundleFiles.DIGESTS);
        if (!Files.isRegularFile(file)) {
            throw refused(directory, "there is no such file", null);
        }
        if (Files.size(file) > LARGEST) {
            throw refused(directory, "it has more than %d bytes".formatted(LARGEST), null);
        }
        Written written;
        try {
            written = JSON.readValue(Files.readAllBytes(file), Written.class);
        } catch (JsonProcessingException e) {
            throw refused(directory, e.getOriginalMessage(), e);
        }
        if (written.version() != VERSION || written.files() == null) {
            throw refused(
                    directory,
                    "it is of version %d, and this Penstock reads version %d".formatted(written.version(), VERSION),
                    null);
        }
        written.files().forEach((path, digest) -> {
            if (digest == null || !DIGEST.matcher(digest).matches()) {
                throw refused(directory, "'%s' has '%s' for a SHA-256".formatted(path, digest), null);
            }
        });
        return new BundleDigests(written.files());
    }

    private static BundleRefusedException refused(Path directory, String why, @Nullable Exception cause) {
        return new BundleRefusedException(
                Reason.INVALID_DIGESTS,
                "Cannot use bundle %s: its %s cannot be read: %s; build the bundle anew"
                        .formatted(directory, BundleFiles.DIGESTS, why),
                cause);
    }

    void write(Path directory) throws IOException {
        // The same bytes on every machine, whatever its line ends are.
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));
        Files.writeString(
                directory.resolve(BundleFiles.DIGESTS),
                JSON.writer(printer).writeValueAsString(new Written(VERSION, files)) + "\n");
    }

    /** @throws BundleRefusedException unless the directory holds these files and no others */
    void verify(Path directory) throws IOException {
        SortedMap<String, Path> present = BundleFiles.of(directory);
        for (String path : present.keySet()) {
            if (!files.containsKey(path) && !BundleFiles.UNLISTED.contains(path)) {
                throw new BundleRefusedException(
                        Reason.EXTRA_FILE,
                        "Cannot use bundle %s: '%s' is not in its %s; remove it or build the bundle anew"
                                .formatted(directory, path, BundleFiles.DIGESTS));
            }
        }
        for (Map.Entry<String, String> expected : files.entrySet()) {
            Path file = present.get(expected.getKey());
            if (file == null) {
                throw new BundleRefusedException(
                        Reason.MISSING_FILE,
                        "Cannot use bundle %s: '%s' is in its %s and not there; fetch or build the bundle anew"
                                .formatted(directory, expected.getKey(), BundleFiles.DIGESTS));
            }
            String actual = sha256(file);
            if (!actual.equals(expected.getValue())) {
                throw new BundleRefusedException(
                        Reason.CHANGED_FILE,
                        "Cannot use bundle %s: '%s' has SHA-256 %s where %s says %s; fetch or build the bundle anew"
                                .formatted(
                                        directory,
                                        expected.getKey(),
                                        actual,
                                        BundleFiles.DIGESTS,
                                        expected.getValue()));
            }
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Cannot compute digests: this Java has no SHA-256", e);
        }
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[64 * 1024];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
