package dev.penstock.cli.platform;

import dev.penstock.models.trust.SigningKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The key with which whoever owns a local platform's directory signs models, and which that platform trusts. */
public final class LocalKey {
    private static final String KEYS = "keys";
    private static final String TRUSTED = "trusted-keys";
    private static final String NAME = "local";

    private LocalKey() {}

    /** Where the key is, if a platform was ever started there. */
    public static Path file(Path directory) {
        return directory.resolve(KEYS).resolve(NAME + SigningKey.ENDING);
    }

    /** Directory of the public keys that the platform trusts. */
    public static Path trusted(Path directory) {
        return directory.resolve(TRUSTED);
    }

    /** Makes it where it is not there yet. */
    public static SigningKey in(Path directory) {
        Path file = file(directory);
        Path trusted = trusted(directory);
        try {
            if (Files.exists(file)) {
                return SigningKey.read(file);
            }
            SigningKey key = SigningKey.generate(directory.resolve(KEYS), NAME);
            Files.createDirectories(trusted);
            Files.copy(directory.resolve(KEYS).resolve(NAME + ".pub"), trusted.resolve(NAME + ".pub"));
            return key;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make a key to sign models with in " + directory, e);
        }
    }
}
