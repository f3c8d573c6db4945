package dev.penstock.cli.connection;

import dev.penstock.cli.output.CommandException;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which pipelines there are: as the option says, else as the local platform was started with. */
public final class PipelinesFile {
    @Option(
            names = "--pipelines",
            paramLabel = "FILE",
            defaultValue = "${env:PENSTOCK_PIPELINES}",
            description =
                    "File that describes the pipelines (default: PENSTOCK_PIPELINES, else that of the platform that"
                            + " 'up' started).")
    private @Nullable Path file;

    /**
     * Empty if no file was named and no platform was started.
     *
     * @throws dev.penstock.schemas.configuration.InvalidConfigurationException listing every mistake with its line
     */
    public Optional<Pipelines> read(Connection connection) {
        return Optional.ofNullable(file)
                .or(() -> connection.local().map(PlatformAddress::pipelines).map(Path::of))
                .map(found -> Pipelines.read(found, System.getenv()));
    }

    /**
     * @param action that needs the pipeline, as in "Cannot send to"
     * @throws CommandException if there is none of that name, or nobody said which pipelines there are
     */
    public Pipeline require(Connection connection, String action, String name) {
        Pipelines pipelines = require(connection);
        return pipelines
                .named(name)
                .orElseThrow(() -> CommandException.misused(
                        "Cannot %s pipeline '%s': there is none of that name".formatted(action, name),
                        "The pipelines are %s."
                                .formatted(pipelines.all().stream()
                                        .map(Pipeline::name)
                                        .collect(Collectors.joining(", ")))));
    }

    /** @throws CommandException if no file was named and no platform was started */
    public Pipelines require(Connection connection) {
        return read(connection)
                .orElseThrow(() -> CommandException.misused(
                        "Cannot find the pipelines: no file was named, and no platform was started in %s"
                                .formatted(connection.data()),
                        "Start one with 'penstock up', or name the file with --pipelines."));
    }
}
