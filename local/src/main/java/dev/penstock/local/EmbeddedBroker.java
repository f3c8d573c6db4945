package dev.penstock.local;

import dev.penstock.schemas.topics.Topic;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;

/**
 * A real Kafka broker, its own controller (KRaft), on loopback. What its directory holds survives a restart. The caller
 * closes it.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final int NODE = 1;
    private static final String CONTROLLER_LISTENER = "CONTROLLER";
    private static final String OPEN_LISTENER = "PLAINTEXT";

    private final KafkaRaftServer server;
    private final String bootstrapServers;

    private EmbeddedBroker(KafkaRaftServer server, String bootstrapServers) {
        this.server = server;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Formats the directory if it is new, and returns when the broker answers: about three seconds. Whoever reaches the
     * port may do everything.
     *
     * @param port to listen on, 0 for a free one
     * @throws IllegalStateException if it cannot start, for instance because the port is taken
     */
    public static EmbeddedBroker start(Path directory, int port) {
        return start(directory, port, Optional.empty());
    }

    /**
     * As {@link #start(Path, int)}, but asks for a login, and allows only what there is a right for.
     *
     * @param port to listen on, 0 for a free one
     * @throws IllegalStateException if it cannot start, for instance because the port is taken
     */
    public static EmbeddedBroker start(Path directory, int port, BrokerSecurity security) {
        return start(directory, port, Optional.of(security));
    }

    private static EmbeddedBroker start(Path directory, int port, Optional<BrokerSecurity> security) {
        int brokerPort = port == 0 ? FreePort.find() : port;
        requireFree(brokerPort);
        try {
            Files.createDirectories(directory);
            if (!Files.exists(directory.resolve("meta.properties"))) {
                format(directory, security);
            }
        } catch (Exception e) {
            throw new IllegalStateException(
                    "Cannot prepare %s for the broker: %s; check that it is writable or delete it"
                            .formatted(directory, e.getMessage()),
                    e);
        }
        KafkaRaftServer server = new KafkaRaftServer(
                new KafkaConfig(settings(directory, brokerPort, FreePort.find(), security), false), Time.SYSTEM);
        try {
            server.startup();
        } catch (RuntimeException e) {
            server.shutdown();
            throw new IllegalStateException(
                    "Cannot start the broker in %s on port %d: %s".formatted(directory, brokerPort, e.getMessage()), e);
        }
        return new EmbeddedBroker(server, "localhost:" + brokerPort);
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static void format(Path directory, Optional<BrokerSecurity> security) throws Exception {
        new Formatter()
                .setScramArguments(security.map(BrokerSecurity::scramArguments).orElse(List.of()))
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false))
                .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                .setNodeId(NODE)
                .setClusterId(Uuid.randomUuid().toString())
                .setControllerListenerName(CONTROLLER_LISTENER)
                .setDirectories(List.of(directory.toString()))
                .setMetadataLogDirectory(directory.toString())
                .run();
    }

    private static Properties settings(
            Path directory, int port, int controllerPort, Optional<BrokerSecurity> security) {
        Properties settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE));
        settings.put("controller.quorum.voters", "%d@localhost:%d".formatted(NODE, controllerPort));
        settings.put("controller.listener.names", CONTROLLER_LISTENER);
        String listener = security.isPresent() ? BrokerSecurity.LISTENER : OPEN_LISTENER;
        settings.put(
                "listeners",
                "%s://localhost:%d,%s://localhost:%d".formatted(listener, port, CONTROLLER_LISTENER, controllerPort));
        settings.put(
                "listener.security.protocol.map",
                "%s:%s,%s:%s"
                        .formatted(
                                listener,
                                security.map(BrokerSecurity::protocol).orElse("PLAINTEXT"),
                                CONTROLLER_LISTENER,
                                security.isPresent() ? "SASL_PLAINTEXT" : "PLAINTEXT"));
        security.ifPresent(secured -> settings.putAll(
                secured.brokerSettings(CONTROLLER_LISTENER, UUID.randomUUID().toString())));
        settings.put("log.dirs", directory.toString());
        settings.put("auto.create.topics.enable", "false");
        // Dead letters of other topics may be as large as any.
        settings.put("message.max.bytes", Integer.toString(Topic.LARGEST_RECORD_BYTES));
        settings.put("replica.fetch.max.bytes", Integer.toString(Topic.LARGEST_RECORD_BYTES));
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("offsets.topic.num.partitions", "4");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("transaction.state.log.num.partitions", "4");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        // One process starts every consumer: waiting for more of them only delays the first record.
        settings.put("group.initial.rebalance.delay.ms", "0");
        // The cleaner's default of 128 MiB would be the largest thing on a small heap.
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 * 1024 * 1024));
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("background.threads", "2");
        return settings;
    }

    // Kafka's own failure for a taken port is a stack trace that names no port.
    private static void requireFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assert socket.isBound();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Cannot start the broker: port %d is taken (%s); stop what listens there or choose another port"
                            .formatted(port, e.getMessage()),
                    e);
        }
    }
}
