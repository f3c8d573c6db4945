package dev.penstock.inference;

import dev.penstock.flink.Job;
import dev.penstock.flink.RunningJob;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.inference.scoring.ScoreRequests;
import dev.penstock.inference.versions.ModelLoader;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.topics.Topic;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The real job for one pipeline of texts, but for its model. */
final class StubbedJob {
    private StubbedJob() {}

    /** @param pipeline its name and its model's */
    static RunningJob start(InferenceConfig config, String pipeline, Optional<Path> checkpoint, ModelLoader loader) {
        return start(config, new Configuration(), pipeline, checkpoint, loader);
    }

    /** @param furtherSettings as an operator of the cluster may have made them */
    static RunningJob start(
            InferenceConfig config,
            Configuration furtherSettings,
            String pipeline,
            Optional<Path> checkpoint,
            ModelLoader loader) {
        Configuration settings = Inference.flinkSettings(config);
        settings.addAll(furtherSettings);
        return RunningJob.start(
                new Job("inference", settings, environment -> define(environment, config, pipeline, loader)),
                checkpoint);
    }

    private static void define(
            StreamExecutionEnvironment environment, InferenceConfig config, String pipeline, ModelLoader loader) {
        List<PipelineBinding> pipelines =
                List.of(new PipelineBinding(pipeline, Modality.TEXT, pipeline, config.batching(), config.delivery()));
        RegistryConnection registry = config.registry().connection();
        new InferenceJob(
                        pipelines,
                        config.delivery(),
                        (modality, scored) -> new ScoreRequests.Settings(
                                modality,
                                pipelines,
                                scored,
                                registry,
                                loader,
                                Inference.followed(config, Topic.MODEL_VERSIONS, ModelVersion.class),
                                Inference.followedRollouts(config),
                                config.waiting().records(),
                                config.waiting().bytes().bytes(),
                                config.loaded(),
                                config.models().cache().resolve("in-flight").toString(),
                                config.delivery(),
                                Clock.systemUTC()),
                        (writer, delivery) -> Inference.sink(config, writer, delivery))
                .define(
                        Map.of(Modality.TEXT, Inference.read(environment, config, Topic.REQUESTS_TEXT, "read-text")),
                        () -> {
                            throw new AssertionError("No pipeline of texts reads feedback");
                        },
                        registry);
    }
}
