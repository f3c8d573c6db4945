package dev.penstock.cli.models;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleRefusedException;
import dev.penstock.models.trust.BundleSignature;
import dev.penstock.models.trust.SigningKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code penstock models sign}. */
@Command(
        name = "sign",
        description = "Signs a bundle, in place of a signature that it may have: whoever trusts the key may load it.",
        footerHeading = "%nExample:%n",
        footer = "  penstock models sign my-bundle/ --key release.key")
final class SignCommand implements Callable<Integer> {
    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final SigningOptions signing = new SigningOptions();

    @Mixin
    private final Output output = new Output();

    @Parameters(paramLabel = "DIR", description = "The bundle.")
    private Path directory = Path.of(".");

    @Override
    public Integer call() throws IOException {
        try {
            Bundle bundle = Bundle.open(directory);
            SigningKey key = signing.require(connection);
            BundleSignature.write(bundle, key);
            output.line(
                    Map.of(
                            "bundle",
                            directory.toString(),
                            "keyId",
                            key.verifyingKey().id()),
                    "Signed %s with %s".formatted(bundle, key));
            return ExitCode.DONE;
        } catch (BundleRefusedException e) {
            throw new CommandException(String.valueOf(e.getMessage()), "Nothing was signed.", ExitCode.CHECK_FAILED, e);
        }
    }
}
