package dev.penstock.inference;

import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.configuration.EffectiveConfiguration;
import dev.penstock.schemas.pipelines.Pipelines;
import java.nio.file.Path;
import java.util.Map;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the job on whatever cluster starts it: {@code Main inference.yaml pipelines.yaml}. */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            throw new IllegalArgumentException(
                    "Cannot start inference with %d arguments; name two files: inference.yaml pipelines.yaml"
                            .formatted(arguments.length));
        }
        Map<String, String> environmentVariables = System.getenv();
        InferenceConfig config =
                ConfigurationFile.read(Path.of(arguments[0]), InferenceConfig.class, environmentVariables);
        Pipelines pipelines = Pipelines.read(Path.of(arguments[1]), environmentVariables);
        LOG.info("Inference runs with:\n{}", EffectiveConfiguration.of(config));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(Inference.flinkSettings(config));
        Inference.define(environment, config, pipelines);
        environment.execute("penstock-inference");
    }
}
