package dev.penstock.cli.connection;

import dev.penstock.cli.output.CommandException;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Where the platform is: as the options say, else as the environment says, else as {@code penstock up} wrote into its
 * data directory. The one place in this module that makes Kafka clients; callers close them.
 */
public final class Connection {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Option(
            names = "--brokers",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:PENSTOCK_BROKERS}",
            description = "Kafka's bootstrap servers (default: PENSTOCK_BROKERS, else the platform that 'up' started).")
    private @Nullable String brokers;

    @Option(
            names = "--registry",
            paramLabel = "URL",
            defaultValue = "${env:PENSTOCK_REGISTRY}",
            description = "Schema registry (default: PENSTOCK_REGISTRY, else the platform that 'up' started).")
    private @Nullable String registry;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "${env:PENSTOCK_DATA:-${sys:user.home}/.penstock}",
            description = "Data directory of the local platform (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of(".");

    public Path data() {
        return data;
    }

    /** What {@code penstock up} wrote when it started, if it ever did. */
    public Optional<PlatformAddress> local() {
        return PlatformAddress.read(data);
    }

    public String brokers() {
        if (brokers != null) {
            return brokers;
        }
        return local().map(PlatformAddress::brokers).orElseThrow(() -> unknown("broker", "--brokers HOST:PORT"));
    }

    public String registryUrl() {
        if (registry != null) {
            return registry;
        }
        return local().map(PlatformAddress::registry).orElseThrow(() -> unknown("schema registry", "--registry URL"));
    }

    public SchemaRegistry registry() {
        return SchemaRegistry.connect(registryUrl(), Map.of(), PATIENCE);
    }

    /** @throws CommandException if no broker answers */
    public Admin admin() {
        Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, brokers(),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(PATIENCE.toMillis()),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(PATIENCE.toMillis())));
        try {
            admin.describeCluster().nodes().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return admin;
        } catch (ExecutionException | TimeoutException e) {
            admin.close(Duration.ZERO);
            throw CommandException.failed(
                    "Cannot reach Kafka at %s: no answer within %d seconds".formatted(brokers(), PATIENCE.toSeconds()),
                    "Is it running? Start the local platform with 'penstock up', or name another with --brokers.",
                    e);
        } catch (InterruptedException e) {
            admin.close(Duration.ZERO);
            Thread.currentThread().interrupt();
            throw CommandException.failed("Cannot reach Kafka: interrupted", "Try again.", e);
        }
    }

    /** Without a group, from the beginning unless positioned. */
    public KafkaConsumer<byte[], byte[]> bytesConsumer() {
        return new KafkaConsumer<>(consumerSettings(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Without a group, from the beginning unless positioned. */
    public <T extends SpecificRecord> KafkaConsumer<String, T> consumer(Class<T> type) {
        return new KafkaConsumer<>(consumerSettings(), new StringDeserializer(), AvroDeserializer.of(registry(), type));
    }

    public KafkaProducer<String, SpecificRecord> producer() {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers());
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(Topic.LARGEST_RECORD_BYTES));
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.toString(PATIENCE.toMillis()));
        return new KafkaProducer<>(settings, new StringSerializer(), new AvroSerializer<>(registry()));
    }

    private Map<String, Object> consumerSettings() {
        return Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "100",
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(PATIENCE.toMillis()));
    }

    private CommandException unknown(String what, String option) {
        return CommandException.misused(
                "Cannot find a %s: none was named, and no platform was started in %s".formatted(what, data),
                "Start one with 'penstock up', or name it with %s.".formatted(option));
    }
}
