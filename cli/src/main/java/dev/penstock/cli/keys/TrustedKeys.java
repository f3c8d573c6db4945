package dev.penstock.cli.keys;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.platform.LocalKey;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whom to trust: as the option says, else as the local platform does. */
public final class TrustedKeys {
    @Option(
            names = "--trusted",
            paramLabel = "DIR",
            description = "Public keys of those who are trusted (default: those of the platform that 'up' started).")
    private @Nullable Path directory;

    public Path directory(Connection connection) {
        return directory == null ? LocalKey.trusted(connection.data()) : directory;
    }
}
