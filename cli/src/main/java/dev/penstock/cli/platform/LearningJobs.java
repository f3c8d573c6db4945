package dev.penstock.cli.platform;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.cli.platform.LocalPlatform.Settings;
import dev.penstock.local.EmbeddedBroker;
import dev.penstock.local.EmbeddedRegistry;
import dev.penstock.retrain.Retrain;
import dev.penstock.retrain.RetrainConfig;
import dev.penstock.rollout.Rollout;
import dev.penstock.rollout.RolloutConfig;
import dev.penstock.schemas.configuration.ConfigurationFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The jobs that close the loop, as the local platform runs them: who serves, and what is learned. */
final class LearningJobs {
    private final Path directory;
    private final Settings settings;
    private final EmbeddedBroker broker;
    private final EmbeddedRegistry registry;

    /** @param directory of the platform, in which its key is */
    LearningJobs(Path directory, Settings settings, EmbeddedBroker broker, EmbeddedRegistry registry) {
        this.directory = directory;
        this.settings = settings;
        this.broker = broker;
        this.registry = registry;
    }

    FlinkCluster.Plan rollout() {
        Path ofJob = FlinkJob.directory(directory, "rollout");
        RolloutConfig config = config("rollout", RolloutConfig.class, ofJob);
        return new FlinkCluster.Plan(
                "penstock-rollout",
                ofJob,
                Rollout.flinkSettings(config),
                environment -> Rollout.define(environment, config, settings.pipelines()));
    }

    FlinkCluster.Plan retrain() {
        Path ofJob = FlinkJob.directory(directory, "retrain");
        RetrainConfig config = config("retrain", RetrainConfig.class, ofJob);
        return new FlinkCluster.Plan(
                "penstock-retrain",
                ofJob,
                Retrain.flinkSettings(config),
                environment -> Retrain.define(environment, config, settings.pipelines()));
    }

    private <T extends Record> T config(String job, Class<T> type, Path ofJob) {
        String file = settings.pace().file(job);
        Map<String, String> variables = new HashMap<>();
        variables.put("BROKERS", broker.bootstrapServers());
        variables.put("REGISTRY", registry.url());
        variables.put("CHECKPOINTS", FlinkJob.checkpoints(ofJob).toUri().toString());
        variables.put("CHECKPOINT_INTERVAL", settings.checkpoints().toString());
        variables.put("BUNDLES", directory.resolve("bundles").toString());
        variables.put("TRUSTED_KEYS", LocalKey.trusted(directory).toString());
        variables.put("SIGNING_KEY", LocalKey.file(directory).toString());
        return ConfigurationFile.parse(file, text(file), type, variables);
    }

    private static String text(String file) {
        try (InputStream resource = LearningJobs.class.getResourceAsStream(file)) {
            if (resource == null) {
                throw new IllegalStateException("Cannot find %s in the jar".formatted(file));
            }
            return new String(resource.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read %s from the jar".formatted(file), e);
        }
    }
}
