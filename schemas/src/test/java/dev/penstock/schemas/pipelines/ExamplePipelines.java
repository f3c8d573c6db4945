package dev.penstock.schemas.pipelines;

import java.nio.file.Path;
import java.util.Map;

/** The example that is shipped with this module. */
final class ExamplePipelines {
    private ExamplePipelines() {}

    static Pipelines read() {
        return Pipelines.read(Path.of("src/main/resources/dev/penstock/schemas/pipelines/example.yaml"), Map.of());
    }
}
