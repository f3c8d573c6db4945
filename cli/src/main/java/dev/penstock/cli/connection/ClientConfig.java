package dev.penstock.cli.connection;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.cli.output.CommandException;
import dev.penstock.ingest.producer.ProducerSettings;
import dev.penstock.schemas.configuration.Variables;
import dev.penstock.schemas.configuration.Variables.UndefinedException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Settings of Kafka's clients and of the schema registry's from one file of properties, as Kafka's own tools read it with
 * {@code --command-config} and as cloud services hand it out. It holds secrets: nothing here prints a value.
 */
final class ClientConfig {
    /** So begin the settings of Confluent's registry client. */
    private static final List<String> REGISTRY =
            List.of("basic.auth.", "bearer.auth.", "schema.registry.", "proxy.", "http.");
    /** With {@code basic.auth.credentials.source=SASL_INHERIT} the registry's client takes its login from here. */
    private static final String SASL = "sasl.";

    private static final String REGISTRY_URL = "schema.registry.url";
    /** What a command decides itself: it belongs to no group, and reads what is committed. */
    private static final Set<String> OWN = Set.of(
            CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
            ConsumerConfig.GROUP_ID_CONFIG,
            ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
            ProducerConfig.TRANSACTIONAL_ID_CONFIG);

    private final Map<String, String> settings;

    private ClientConfig(Map<String, String> settings) {
        this.settings = Map.copyOf(settings);
    }

    static ClientConfig none() {
        return new ClientConfig(Map.of());
    }

    /**
     * @param environment for {@code ${NAME}} placeholders, such as {@code System.getenv()}
     * @throws CommandException if the file cannot be read, or names a variable that is not there
     */
    static ClientConfig read(Path file, Map<String, String> environment) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            // The message of a malformed line may repeat what is in it.
            throw CommandException.misused(
                    "Cannot read the clients' settings in %s: %s"
                            .formatted(file, e.getClass().getSimpleName()),
                    "Name a file of properties, such as security.protocol=SASL_SSL, with --command-config.");
        }
        Map<String, String> settings = new HashMap<>();
        Variables variables = new Variables(environment);
        for (String name : properties.stringPropertyNames()) {
            try {
                settings.put(name, variables.fill(properties.getProperty(name).strip()));
            } catch (UndefinedException e) {
                throw CommandException.misused(
                        "Cannot use the clients' settings in %s: %s".formatted(file, name),
                        "There, %s.".formatted(e.getMessage()));
            }
        }
        return new ClientConfig(settings);
    }

    Optional<String> brokers() {
        return Optional.ofNullable(settings.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
    }

    Optional<String> registryUrl() {
        return Optional.ofNullable(settings.get(REGISTRY_URL));
    }

    /** Of every client of Kafka's. */
    Map<String, String> kafka() {
        Map<String, String> kafka = new HashMap<>(settings);
        kafka.keySet().removeIf(name -> OWN.contains(name) || isOfRegistry(name));
        return kafka;
    }

    /** Of the producer library, which decides more by itself. */
    Map<String, String> requestProducer() {
        Map<String, String> kafka = kafka();
        kafka.keySet().removeIf(ProducerSettings::decides);
        return kafka;
    }

    Map<String, String> registry() {
        Map<String, String> registry = new HashMap<>(settings);
        registry.keySet().removeIf(name -> !isOfRegistry(name) && !name.startsWith(SASL));
        registry.remove(REGISTRY_URL);
        return registry;
    }

    private static boolean isOfRegistry(String name) {
        return REGISTRY.stream().anyMatch(name::startsWith);
    }
}
