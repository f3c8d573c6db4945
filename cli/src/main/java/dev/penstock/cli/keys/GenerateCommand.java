package dev.penstock.cli.keys;

import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.models.trust.SigningKey;
import dev.penstock.schemas.pipelines.Pipeline;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock keys generate}. */
@Command(
        name = "generate",
        description = "Makes an Ed25519 key: NAME.key, which only you can read, and NAME.pub for those who trust you.",
        footerHeading = "%nExample:%n",
        footer = "  penstock keys generate release --directory ~/keys")
final class GenerateCommand implements Callable<Integer> {
    @Mixin
    private final Output output = new Output();

    @Parameters(paramLabel = "NAME", description = "By which people know whose it is.")
    private String name = "";

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "Where both files are written (default: here).")
    private Path directory = Path.of(".");

    @Override
    public Integer call() throws IOException {
        if (!Pipeline.isName(name)) {
            throw CommandException.misused(
                    "Cannot name a key '%s'".formatted(name),
                    "Use lower-case letters, digits and hyphens between them, at most 100.");
        }
        try {
            SigningKey key = SigningKey.generate(directory, name);
            Path file = directory.resolve(name + SigningKey.ENDING);
            output.line(
                    Map.of("name", name, "keyId", key.verifyingKey().id(), "file", file.toString()),
                    "Made %s: keep %s to yourself, and put %s.pub where jobs look for whom they trust"
                            .formatted(key, file, name));
            return ExitCode.DONE;
        } catch (FileAlreadyExistsException e) {
            throw new CommandException(
                    "Cannot make key '%s': %s is there already".formatted(name, e.getFile()),
                    "Choose another name or directory.",
                    ExitCode.MISUSED,
                    e);
        }
    }
}
