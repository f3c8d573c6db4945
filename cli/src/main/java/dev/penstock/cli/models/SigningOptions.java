package dev.penstock.cli.models;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.platform.LocalKey;
import dev.penstock.models.trust.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** With which key a bundle is signed: as the option says, else as the environment says, else that of the local platform. */
public final class SigningOptions {
    @Option(
            names = "--key",
            paramLabel = "FILE",
            defaultValue = "${env:PENSTOCK_KEY}",
            description =
                    "Key to sign with, as 'penstock keys generate' writes it (default: PENSTOCK_KEY, else that of the"
                            + " platform that 'up' started).")
    private @Nullable Path file;

    /** @throws CommandException if there is none, or it cannot be used */
    public SigningKey require(Connection connection) throws IOException {
        Path found = Optional.ofNullable(file)
                .or(() -> Optional.of(LocalKey.file(connection.data())).filter(Files::exists))
                .orElseThrow(() -> CommandException.misused(
                        "Cannot sign: no key was named, and no platform was started in %s".formatted(connection.data()),
                        "Make one with 'penstock keys generate' and name it with --key."));
        try {
            return SigningKey.read(found);
        } catch (NoSuchFileException e) {
            throw new CommandException(
                    "Cannot sign: there is no file %s".formatted(e.getFile()),
                    "A key is two files, NAME.key and NAME.pub; 'penstock keys generate' writes both.",
                    ExitCode.MISUSED,
                    e);
        } catch (IllegalArgumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), "Nothing was signed.", ExitCode.MISUSED, e);
        }
    }
}
