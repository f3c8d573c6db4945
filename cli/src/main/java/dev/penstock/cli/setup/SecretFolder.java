package dev.penstock.cli.setup;

import java.nio.file.Path;
import java.util.Locale;

/** Parts of a directory of secrets, each for one kind of process: mount no other into it. */
enum SecretFolder {
    /** The broker's certificate; read by another user of the same group. */
    KAFKA,
    /** The registry's certificate and its users; read by another user of the same group. */
    REGISTRY,
    INGEST,
    JOBS,
    /** Everything that a person or a setting-up needs, all passwords among it. */
    COMMAND,
    /** Public keys of those whose models may run. No secret. */
    TRUSTED;

    Path in(Path directory) {
        return directory.resolve(name().toLowerCase(Locale.ROOT));
    }
}
