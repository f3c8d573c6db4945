package dev.penstock.cli.models;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.PipelinesFile;
import dev.penstock.cli.output.CommandException;
import dev.penstock.models.transit.PublishedVersions;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import java.util.List;
import java.util.Optional;

/**
 * What is published, and which pipelines ask for it.
 *
 * @param versions by model and then by version
 * @param pipelines empty if they are not known
 */
record Published(List<ModelVersion> versions, Optional<Pipelines> pipelines) {
    Published {
        versions = List.copyOf(versions);
    }

    /** @throws CommandException if no broker answers, or the topics do not exist */
    static Published read(Connection connection, PipelinesFile pipelinesFile) throws InterruptedException {
        connection.requireTopics("read what is published", Topic.MODEL_VERSIONS, Topic.MODEL_ARTIFACTS);
        return new Published(
                new PublishedVersions(() -> connection.consumer(ModelVersion.class)).all(),
                pipelinesFile.read(connection));
    }

    List<String> models() {
        return versions.stream().map(ModelVersion::getModel).distinct().toList();
    }

    /** Names of the pipelines that ask this model. */
    List<String> askedBy(String model) {
        return pipelines.map(Pipelines::all).orElse(List.of()).stream()
                .filter(pipeline -> pipeline.model().equals(model))
                .map(Pipeline::name)
                .toList();
    }

    /** The same for a person. */
    String askedByInWords(String model) {
        List<String> names = askedBy(model);
        if (!names.isEmpty()) {
            return String.join(", ", names);
        }
        return pipelines.isPresent() ? "(no pipeline)" : "(pipelines not known)";
    }
}
