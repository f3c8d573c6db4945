package dev.penstock.cli.setup;

import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock setup secrets}. */
@Command(
        name = "secrets",
        description = {
            "Makes what a cluster's parts know each other by, each kind of process with a folder of its own: random"
                    + " passwords, certificates for brokers and registry, keys that sign models, and files for"
                    + " --command-config.",
            "What is there already stays. Certificates hold for five years; to make new ones, delete command/administrator.pem"
                    + " and start everything anew."
        },
        footerHeading = "%nExample:%n",
        footer = "  penstock setup secrets /secrets --host kafka --host schema-registry --host localhost")
final class SecretsCommand implements Callable<Integer> {
    @Mixin
    private final Output output = new Output();

    @Parameters(paramLabel = "DIR", description = "Where all of them are kept.")
    private Path directory = Path.of(".");

    @Option(
            names = "--host",
            paramLabel = "NAME",
            required = true,
            description = "A name by which brokers or registry are reached; give each.")
    private final List<String> hosts = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        for (String host : hosts) {
            if (!host.matches("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")) {
                throw CommandException.misused(
                        "Cannot make a certificate for '%s'".formatted(host),
                        "Name hosts, without ports, with --host.");
            }
        }
        try {
            new Secrets(directory).makeMissing(hosts);
        } catch (IOException | UnsupportedOperationException e) {
            throw CommandException.failed(
                    "Cannot keep secrets in %s: %s".formatted(directory, e),
                    "Name a directory of your own on a file system that knows who may read a file.",
                    e);
        }
        output.line(Map.of("directory", directory.toString()), "The secrets are in " + directory);
        return ExitCode.DONE;
    }
}
