package dev.penstock.inference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.local.SharedKafka;
import dev.penstock.models.TinyModels;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleLimits;
import dev.penstock.models.transit.BundleFetcher;
import dev.penstock.models.transit.PublishedVersions;
import dev.penstock.schemas.ModelArtifactChunk;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class BundleTransitIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    @Test
    void aBundleArrivesThroughKafkaWhateverElseIsInItsTopics() throws Exception {
        InferencePlatform platform =
                new InferencePlatform(KAFKA, directory, "pipelines: {transit: {modality: text, model: transit}}");
        KAFKA.send(Topic.MODEL_VERSIONS.topicName(), "rubbish/1".getBytes(UTF_8), "rubbish".getBytes(UTF_8));
        ModelVersion first = platform.publish("transit", TinyModels.text(directory.resolve("1"), 1));
        KAFKA.send(Topic.MODEL_ARTIFACTS.topicName(), "rubbish/0".getBytes(UTF_8), "rubbish".getBytes(UTF_8));
        ModelVersion second = platform.publish("transit", TinyModels.text(directory.resolve("2"), 2));
        ModelVersion fromTheStart =
                ModelVersion.newBuilder(second).setLocation(first.getLocation()).build();

        assertThat(new PublishedVersions(() -> consumer(ModelVersion.class)).of("transit"))
                .containsExactly(first, second);
        Bundle fetched = fetcher().fetch(fromTheStart);

        assertThat(fetched.digest()).isEqualTo(second.getDigest());
        assertThat(fetched.card().version()).isEqualTo(2);
    }

    private BundleFetcher fetcher() {
        return new BundleFetcher(
                () -> consumer(ModelArtifactChunk.class),
                location -> {
                    throw new IOException("there are no files");
                },
                (bundle, digest) -> {},
                new BundleFetcher.Settings(
                        directory.resolve("cache"), BundleLimits.usual(), Duration.ofSeconds(20), Duration.ofDays(7)));
    }

    private static <T extends SpecificRecord> Consumer<String, T> consumer(Class<T> type) {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", KAFKA.bootstrapServers(), "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                AvroDeserializer.of(KAFKA.registry(), type));
    }
}
