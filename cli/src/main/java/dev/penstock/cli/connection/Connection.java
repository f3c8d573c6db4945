package dev.penstock.cli.connection;

import dev.penstock.cli.output.CommandException;
import dev.penstock.ingest.producer.PenstockProducer;
import dev.penstock.ingest.producer.ProducerSettings;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Where the platform is: as the options say, else as the environment says, else as the clients' settings say, else as
 * {@code penstock up} wrote into its data directory. The one place in this module that makes Kafka clients for commands;
 * callers close them.
 */
public final class Connection {
    /** Of somebody who watches. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final long PAUSE_MILLIS = 500;

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
            names = "--command-config",
            paramLabel = "FILE",
            defaultValue = "${env:PENSTOCK_COMMAND_CONFIG}",
            description =
                    "Properties of Kafka's clients and of the schema registry's, such as security.protocol=SASL_SSL"
                            + " or basic.auth.user.info=USER:PASSWORD; bootstrap.servers and schema.registry.url in it"
                            + " stand in for --brokers and --registry (default: PENSTOCK_COMMAND_CONFIG).")
    private @Nullable Path clientConfigFile;

    private @Nullable ClientConfig clientConfig;

    /** How long each call waits for brokers or a registry that are away. */
    private Duration patience = PATIENCE;

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

    /** Whether brokers are those that {@code penstock up} starts, since no others were named. */
    public boolean isLocal() {
        return brokers == null && clientConfig().brokers().isEmpty();
    }

    public String brokers() {
        return Optional.ofNullable(brokers)
                .or(clientConfig()::brokers)
                .or(() -> local().map(PlatformAddress::brokers))
                .orElseThrow(() -> unknown("broker", "--brokers HOST:PORT"));
    }

    private String registryUrl() {
        return Optional.ofNullable(registry)
                .or(clientConfig()::registryUrl)
                .or(() -> local().map(PlatformAddress::registry))
                .orElseThrow(() -> unknown("schema registry", "--registry URL"));
    }

    /** Waits for a registry that is away. */
    public SchemaRegistry registry() {
        return registry(patience);
    }

    /** @param patience how long a registry that is away is waited for at each call */
    public SchemaRegistry registry(Duration patience) {
        try {
            return SchemaRegistry.connect(registryUrl(), clientConfig().registry(), patience);
        } catch (IllegalArgumentException e) {
            throw CommandException.misused(
                    String.valueOf(e.getMessage()), "They are in the file that --command-config names.");
        }
    }

    /**
     * Waits for brokers, as somebody does who was started together with them; from now on every client has that much
     * patience.
     *
     * @param atMost until which a broker must have answered
     * @param waiting told in a sentence of each time that none has
     * @throws CommandException if none answers by then, or at once if one refuses this client
     */
    public void awaitBrokers(Duration atMost, Consumer<String> waiting) {
        patience = atMost;
        admin(waiting).close();
    }

    /** @throws CommandException if no broker answers */
    public Admin admin() {
        return admin(away -> {});
    }

    private Admin admin(Consumer<String> waiting) {
        Map<String, Object> settings = settings();
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(patience.toMillis()));
        settings.put(
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                Long.toString(Math.min(patience.toMillis(), PATIENCE.toMillis())));
        Admin admin = made(() -> Admin.create(settings));
        try {
            awaitNodes(admin, waiting);
            return admin;
        } catch (CommandException e) {
            admin.close(Duration.ZERO);
            throw e;
        } catch (InterruptedException e) {
            admin.close(Duration.ZERO);
            Thread.currentThread().interrupt();
            throw CommandException.failed("Cannot reach Kafka: interrupted", "Try again.", e);
        }
    }

    private void awaitNodes(Admin admin, Consumer<String> waiting) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            long left = deadline - System.nanoTime();
            try {
                admin.describeCluster().nodes().get(Math.min(left, PATIENCE.toNanos()), TimeUnit.NANOSECONDS);
                return;
            } catch (ExecutionException | TimeoutException e) {
                boolean refused = e instanceof ExecutionException && !(e.getCause() instanceof RetriableException);
                if (refused || System.nanoTime() >= deadline) {
                    throw unreachable(e);
                }
                waiting.accept("Kafka at %s does not answer yet; it is waited for up to %d seconds more"
                        .formatted(brokers(), TimeUnit.NANOSECONDS.toSeconds(deadline - System.nanoTime())));
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        }
    }

    private CommandException unreachable(Exception e) {
        if (e.getCause() instanceof AuthenticationException refusal) {
            return CommandException.failed(
                    "Cannot reach Kafka at %s: it refuses this client (%s)".formatted(brokers(), refusal.getMessage()),
                    "Give the login or the certificates that it asks for in a file, with --command-config.",
                    e);
        }
        return CommandException.failed(
                "Cannot reach Kafka at %s: no answer within %d seconds".formatted(brokers(), patience.toSeconds()),
                "Is it running? Start the local platform with 'penstock up', or name another with --brokers;"
                        + " one that asks for TLS or a login needs --command-config.",
                e);
    }

    /**
     * @param action that needs the topics, as in "Cannot send"
     * @throws CommandException if no broker answers, or one of the topics does not exist
     */
    public void requireTopics(String action, Topic... topics) throws InterruptedException {
        try (Admin admin = admin()) {
            Set<String> existing = admin.listTopics().names().get();
            List<String> missing = Arrays.stream(topics)
                    .map(Topic::topicName)
                    .filter(topic -> !existing.contains(topic))
                    .toList();
            if (!missing.isEmpty()) {
                throw CommandException.failed(
                        "Cannot %s: topics %s do not exist at %s".formatted(action, missing, brokers()),
                        "Create them with 'penstock topics --create', or name another broker with --brokers.",
                        null);
            }
        } catch (ExecutionException e) {
            throw CommandException.failed(
                    "Cannot %s: %s".formatted(action, e.getCause().getMessage()),
                    "Check what this user may do there.",
                    e);
        }
    }

    /** Without a group, from the beginning unless positioned. */
    public KafkaConsumer<byte[], byte[]> bytesConsumer() {
        return made(() ->
                new KafkaConsumer<>(consumerSettings(), new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    /** Without a group, from the beginning unless positioned. */
    public <T extends SpecificRecord> KafkaConsumer<String, T> consumer(Class<T> type) {
        return made(() -> new KafkaConsumer<>(
                consumerSettings(), new StringDeserializer(), AvroDeserializer.of(registry(), type)));
    }

    public KafkaProducer<String, SpecificRecord> producer() {
        Map<String, Object> settings = settings();
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(Topic.LARGEST_RECORD_BYTES));
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.toString(patience.toMillis()));
        return made(() -> new KafkaProducer<>(settings, new StringSerializer(), new AvroSerializer<>(registry())));
    }

    /** For events whose values are encoded already. */
    public KafkaProducer<String, byte[]> eventProducer() {
        Map<String, Object> settings = settings();
        settings.put(ProducerConfig.LINGER_MS_CONFIG, "0");
        return made(() -> new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer()));
    }

    /** For records that exist already, as they are. */
    public KafkaProducer<byte[], byte[]> bytesProducer() {
        Map<String, Object> settings = settings();
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(Topic.LARGEST_RECORD_BYTES));
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.toString(patience.toMillis()));
        // One request at a time keeps their order.
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
        return made(() -> new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()));
    }

    /** @param deliveryTimeout how long a request is tried for before its send fails */
    public PenstockProducer requestProducer(Duration deliveryTimeout) {
        ProducerSettings settings = ProducerSettings.of(brokers(), URI.create(registryUrl()))
                .withDeliveryTimeout(deliveryTimeout)
                .withClientSettings(
                        clientConfig().requestProducer(), clientConfig().registry());
        return made(() -> PenstockProducer.connect(settings));
    }

    private Map<String, Object> consumerSettings() {
        Map<String, Object> settings = settings();
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "100");
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(patience.toMillis()));
        return settings;
    }

    /** What every client starts from. */
    private Map<String, Object> settings() {
        Map<String, Object> settings = new HashMap<>(clientConfig().kafka());
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, brokers());
        return settings;
    }

    private synchronized ClientConfig clientConfig() {
        if (clientConfig == null) {
            clientConfig = clientConfigFile == null
                    ? ClientConfig.none()
                    : ClientConfig.read(clientConfigFile, System.getenv());
        }
        return clientConfig;
    }

    /** Clients refuse settings with the reason some causes deep; of passwords they say nothing. */
    private static <T> T made(Supplier<T> client) {
        try {
            return client.get();
        } catch (KafkaException e) {
            Throwable reason = e;
            while (reason.getCause() != null) {
                reason = reason.getCause();
            }
            throw CommandException.misused(
                    "Cannot make a client of Kafka: %s".formatted(reason.getMessage()),
                    "Correct --brokers, or the file that --command-config names.");
        }
    }

    private CommandException unknown(String what, String option) {
        return CommandException.misused(
                "Cannot find a %s: none was named, and no platform was started in %s".formatted(what, data),
                "Start one with 'penstock up', or name it with %s.".formatted(option));
    }
}
