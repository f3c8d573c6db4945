package dev.penstock.cli.models;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.keys.TrustedKeys;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleRefusedException;
import dev.penstock.models.trust.TrustStore;
import dev.penstock.models.trust.VerifyingKey;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code penstock models verify}. */
@Command(
        name = "verify",
        description = "Says whether a bundle is whole, and signed by somebody whom a job would trust.",
        footerHeading = "%nExample:%n",
        footer = {
            "  penstock models verify my-bundle/ --trusted /etc/penstock/trusted-keys",
            "",
            "Exit code 3 says that it would be refused."
        })
final class VerifyCommand implements Callable<Integer> {
    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final Output output = new Output();

    @Parameters(paramLabel = "DIR", description = "The bundle.")
    private Path directory = Path.of(".");

    @Mixin
    private final TrustedKeys trusted = new TrustedKeys();

    @Override
    public Integer call() throws IOException {
        Path keys = trusted.directory(connection);
        try {
            Bundle bundle = Bundle.open(directory);
            String digest = bundle.digest();
            VerifyingKey signer = new TrustStore(keys).require(directory, digest);
            output.line(
                    Map.of("bundle", directory.toString(), "digest", digest, "keyId", signer.id()),
                    "Whole, and signed by key '%s' (%s): %s, digest %s"
                            .formatted(signer.name(), signer.id(), bundle, digest));
            return ExitCode.DONE;
        } catch (BundleRefusedException e) {
            throw new CommandException(
                    String.valueOf(e.getMessage()), "Jobs that trust these keys refuse it.", ExitCode.CHECK_FAILED, e);
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    String.valueOf(e.getMessage()),
                    "Remove what is no key, and correct what revoked.txt says.",
                    ExitCode.MISUSED,
                    e);
        } catch (NoSuchFileException e) {
            throw new CommandException(
                    "Cannot verify: there is no %s".formatted(e.getFile()),
                    "Name the directory of public keys with --trusted, and a bundle.",
                    ExitCode.MISUSED,
                    e);
        }
    }
}
