package dev.penstock.ingest.producer;

import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import dev.penstock.schemas.topics.Topic;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * How a {@link PenstockProducer} reaches Kafka, and how long it waits. Can be read from YAML with {@link
 * dev.penstock.schemas.configuration.ConfigurationFile}.
 *
 * @param brokers {@code host:port}, several with commas between them
 * @param registry such as {@code http://localhost:8081}
 * @param maxBlock how long a send may wait for room in the buffer, or for the brokers to be known
 * @param deliveryTimeout how long a request is tried for before its send fails
 * @param linger how long a batch may wait to fill
 * @param buffer memory for requests that are not delivered yet
 * @param kafka further settings of Kafka's producer, such as {@code security.protocol}
 * @param registrySettings of Confluent's client, such as {@code basic.auth.user.info}
 */
public record ProducerSettings(
        String brokers,
        URI registry,
        @Default("PT10S") Duration maxBlock,
        @Default("PT2M") Duration deliveryTimeout,
        @Default("PT0.001S") Duration linger,
        @Default("32MiB") ByteSize buffer,
        Map<String, String> kafka,
        Map<String, String> registrySettings) {
    /** What delivery and order depend on, or what has a name of its own. */
    private static final Set<String> OWN = Set.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            ProducerConfig.ACKS_CONFIG,
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
            ProducerConfig.MAX_BLOCK_MS_CONFIG,
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
            ProducerConfig.LINGER_MS_CONFIG,
            ProducerConfig.BUFFER_MEMORY_CONFIG,
            ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
            ProducerConfig.PARTITIONER_CLASS_CONFIG,
            ProducerConfig.PARTITIONER_IGNORE_KEYS_CONFIG,
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG);

    public ProducerSettings {
        kafka = Map.copyOf(kafka);
        registrySettings = Map.copyOf(registrySettings);
        Checks checks = new Checks()
                .require(!brokers.isBlank(), "brokers", "there is none; write host:port")
                .require(!maxBlock.isNegative(), "max-block", "%s is negative".formatted(maxBlock))
                .require(!linger.isNegative(), "linger", "%s is negative".formatted(linger))
                .require(
                        deliveryTimeout.compareTo(linger.plusSeconds(1)) >= 0,
                        "delivery-timeout",
                        "%s is not even a second more than the linger of %s".formatted(deliveryTimeout, linger))
                .require(
                        buffer.bytes() >= Topic.LARGEST_RECORD_BYTES,
                        "buffer",
                        "%s does not hold the largest request; give %s or more"
                                .formatted(buffer, new ByteSize(Topic.LARGEST_RECORD_BYTES)));
        for (String setting : kafka.keySet()) {
            checks.require(!decides(setting), "kafka." + setting, "the producer sets this itself; leave it alone");
        }
        checks.refuse("the producer's settings");
    }

    /** With the usual waits and sizes. */
    public static ProducerSettings of(String brokers, URI registry) {
        return new ProducerSettings(
                brokers,
                registry,
                Duration.ofSeconds(10),
                Duration.ofMinutes(2),
                Duration.ofMillis(1),
                ByteSize.ofMebibytes(32),
                Map.of(),
                Map.of());
    }

    /** The same, but for how long a send may wait. */
    public ProducerSettings withMaxBlock(Duration patience) {
        return new ProducerSettings(
                brokers, registry, patience, deliveryTimeout, linger, buffer, kafka, registrySettings);
    }

    /** The same, but for how long a request is tried for. */
    public ProducerSettings withDeliveryTimeout(Duration timeout) {
        return new ProducerSettings(brokers, registry, maxBlock, timeout, linger, buffer, kafka, registrySettings);
    }

    /**
     * The same, but with further settings of both clients.
     *
     * @param kafka of Kafka's producer, none that this library {@linkplain #decides decides}
     * @param registry of Confluent's registry client
     */
    public ProducerSettings withClientSettings(Map<String, String> kafka, Map<String, String> registry) {
        return new ProducerSettings(brokers, this.registry, maxBlock, deliveryTimeout, linger, buffer, kafka, registry);
    }

    /** Whether a setting of Kafka's producer is this library's to make. */
    public static boolean decides(String setting) {
        return OWN.contains(setting);
    }

    Map<String, Object> toKafka() {
        Map<String, Object> settings = new HashMap<>(kafka);
        // A single request may wait for its answer no longer than all its tries together.
        long requestMillis = Math.min(30_000, deliveryTimeout.minus(linger).toMillis());
        settings.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(requestMillis));
        // One request at a time to each broker, and large batches instead. With more, a topic that was created a moment
        // ago may refuse the first and take the second, and then never the first again: a broker that knows nothing of
        // a producer takes any sequence number.
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
        settings.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, Integer.toString(64 << 10));
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.toString(maxBlock.toMillis()));
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Long.toString(deliveryTimeout.toMillis()));
        settings.put(ProducerConfig.LINGER_MS_CONFIG, Long.toString(linger.toMillis()));
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Long.toString(buffer.bytes()));
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(Topic.LARGEST_RECORD_BYTES));
        return Map.copyOf(settings);
    }
}
