package dev.penstock.cli.demo.bundles;

import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.transit.BundlePublisher;
import dev.penstock.models.trust.BundleSignature;
import dev.penstock.models.trust.SigningKey;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.topics.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Publishes the demo's own bundles, as any others are published. The caller closes it. */
public final class ModelPublishing implements AutoCloseable {
    private static final String PUBLISHER = "penstock demo";

    private final Producer<String, SpecificRecord> producer;
    private final BundlePublisher publisher;

    private final SigningKey key;

    /**
     * @param producer closed with this; its value serializer registers schemas by topic
     * @param key that the platform trusts
     */
    public ModelPublishing(Producer<String, SpecificRecord> producer, SigningKey key) {
        this.key = key;
        this.producer = producer;
        this.publisher = new BundlePublisher(producer, BundlePublisher.Limits.usual(), Clock.systemUTC());
    }

    public ModelVersion publish(Path bundle) throws InterruptedException {
        try {
            BundleSignature.write(Bundle.open(bundle), key);
            return publisher.publish(bundle, List.of(), PUBLISHER);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot publish the bundle in " + bundle, e);
        }
    }

    /** Asks for a training of the model, as a person does with {@code penstock rollout train}. */
    public void orderTraining(String model, String reason) throws InterruptedException {
        RolloutCommand command = RolloutCommand.newBuilder()
                .setCommandId(UUID.randomUUID().toString())
                .setModel(model)
                .setAction(RolloutAction.TRAIN)
                .setActor(PUBLISHER)
                .setReason(reason)
                .setGivenAt(Instant.now())
                .build();
        try {
            producer.send(new ProducerRecord<>(Topic.ROLLOUT_COMMANDS.topicName(), model, command))
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot order a training: " + e.getCause().getMessage(), e.getCause());
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
