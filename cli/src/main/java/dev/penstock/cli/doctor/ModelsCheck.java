package dev.penstock.cli.doctor;

import dev.penstock.cli.connection.Connection;
import dev.penstock.models.transit.PublishedVersions;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;

/** Whether every pipeline's model has a version to answer with. */
final class ModelsCheck {
    private final Connection connection;
    private final Optional<Pipelines> pipelines;

    ModelsCheck(Connection connection, Optional<Pipelines> pipelines) {
        this.connection = connection;
        this.pipelines = pipelines;
    }

    List<Finding> look(Admin admin) throws ExecutionException, InterruptedException {
        if (!admin.listTopics().names().get().contains(Topic.MODEL_VERSIONS.topicName())) {
            return List.of();
        }
        List<ModelVersion> published = new PublishedVersions(() -> connection.consumer(ModelVersion.class)).all();
        List<Finding> findings = new ArrayList<>();
        for (Pipeline pipeline : pipelines.map(Pipelines::all).orElse(List.of())) {
            findings.add(look(pipeline, published));
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("%d versions are published; no pipelines are known".formatted(published.size())));
        }
        return findings;
    }

    static Finding look(Pipeline pipeline, List<ModelVersion> published) {
        Optional<ModelVersion> newest = published.stream()
                .filter(version -> version.getModel().equals(pipeline.model()))
                .reduce((lower, higher) -> higher.getVersion() > lower.getVersion() ? higher : lower);
        if (newest.isEmpty()) {
            return Finding.warning(
                    "pipeline %s asks for model %s, which has no version: its requests wait"
                            .formatted(pipeline.name(), pipeline.model()),
                    "Publish one: penstock models import DIR --card card.yaml");
        }
        if (newest.get().getModality() != pipeline.modality()) {
            return Finding.problem(
                    "pipeline %s carries %s, but its model %s reads %s"
                            .formatted(
                                    pipeline.name(),
                                    pipeline.modality(),
                                    pipeline.model(),
                                    newest.get().getModality()),
                    "Name another model in the pipelines file.");
        }
        return Finding.ok("pipeline %s: newest version of model %s is %d"
                .formatted(pipeline.name(), pipeline.model(), newest.get().getVersion()));
    }
}
