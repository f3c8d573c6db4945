package dev.penstock.schemas.pipelines;

import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.ConfigurationFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every pipeline: the whole of {@code pipelines.yaml}.
 *
 * @param pipelines by name, in the order of the file; one or more
 */
public record Pipelines(Map<String, Pipeline> pipelines) {
    public Pipelines {
        pipelines = Collections.unmodifiableMap(new LinkedHashMap<>(pipelines));
        new Checks()
                .require(!pipelines.isEmpty(), "pipelines", "there is none; describe one or more")
                .refuse("pipelines");
    }

    /**
     * @param environment for {@code ${NAME}} placeholders, such as {@code System.getenv()}
     * @throws dev.penstock.schemas.configuration.InvalidConfigurationException listing every mistake with its line
     */
    public static Pipelines read(Path file, Map<String, String> environment) {
        return ConfigurationFile.read(file, Pipelines.class, environment);
    }

    public static Pipelines of(List<Pipeline> pipelines) {
        Map<String, Pipeline> byName = new LinkedHashMap<>();
        for (Pipeline pipeline : pipelines) {
            if (byName.put(pipeline.name(), pipeline) != null) {
                throw new IllegalArgumentException(
                        "Cannot use two pipelines named '%s': names are unique".formatted(pipeline.name()));
            }
        }
        return new Pipelines(byName);
    }

    public Optional<Pipeline> named(String name) {
        return Optional.ofNullable(pipelines.get(name));
    }

    /** In the order of the file. */
    public List<Pipeline> all() {
        return List.copyOf(pipelines.values());
    }

    /** Those that ingest feeds. */
    public List<Pipeline> withSource() {
        return pipelines.values().stream()
                .filter(pipeline -> pipeline.source().isPresent())
                .toList();
    }
}
