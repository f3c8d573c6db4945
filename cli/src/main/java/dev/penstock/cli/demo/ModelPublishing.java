package dev.penstock.cli.demo;

import dev.penstock.cli.connection.PlatformAddress;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.transit.BundlePublisher;
import dev.penstock.models.trust.BundleSignature;
import dev.penstock.models.trust.SigningKey;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes the demo's own bundles, as any others are published. The caller closes it. */
final class ModelPublishing implements AutoCloseable {
    private static final String PUBLISHER = "penstock demo";

    private final Producer<String, SpecificRecord> producer;
    private final BundlePublisher publisher;

    private final SigningKey key;

    /** @param key that the platform trusts */
    ModelPublishing(PlatformAddress address, SchemaRegistry registry, SigningKey key) {
        this.key = key;
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", address.brokers()), new StringSerializer(), new AvroSerializer<>(registry));
        this.publisher = new BundlePublisher(producer, BundlePublisher.Limits.usual(), Clock.systemUTC());
    }

    ModelVersion publish(Path bundle) throws InterruptedException {
        try {
            BundleSignature.write(Bundle.open(bundle), key);
            return publisher.publish(bundle, List.of(), PUBLISHER);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot publish the bundle in " + bundle, e);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
