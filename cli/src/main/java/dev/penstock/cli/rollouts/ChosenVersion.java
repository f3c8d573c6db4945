package dev.penstock.cli.rollouts;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which version of the model is meant. */
final class ChosenVersion {
    /** The usual one is left out where a command has a {@code --version} of its own. */
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    @SuppressWarnings("UnusedVariable") // Its being there is what counts: picocli sets it and prints the help.
    private boolean helpRequested;

    @Option(
            names = "--version",
            paramLabel = "N",
            description = "The version that is meant (default: the one on trial).")
    private @Nullable Integer version;

    Optional<Integer> version() {
        return Optional.ofNullable(version);
    }
}
