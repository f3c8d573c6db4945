package dev.penstock.chaos.platform;

import dev.penstock.chaos.network.TcpProxy;
import dev.penstock.chaos.processes.Program;
import dev.penstock.chaos.processes.SupervisedProcess;
import dev.penstock.local.FreePort;
import dev.penstock.schemas.topics.Topic;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;

/**
 * One or three Kafka brokers, each its own process and controller (KRaft), with three doors each: one for the harness,
 * one for ingest and one for the jobs. The last two lead through a {@link TcpProxy} of their own, so that the network
 * may be bad for one and good for the other. The caller closes them.
 */
public final class Brokers implements AutoCloseable {
    private static final int FEWEST_IN_SYNC = 2;
    private static final String CONTROLLER = "CONTROLLER";
    private static final String CLUSTER = Uuid.randomUuid().toString();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final List<Broker> brokers;
    private final Admin admin;

    private record Broker(
            int node, SupervisedProcess process, int harnessPort, TcpProxy ingestProxy, TcpProxy jobsProxy) {}

    /** Who comes to a broker. */
    public enum Door {
        HARNESS,
        INGEST,
        JOBS
    }

    private record Ports(int harness, int ingest, int jobs, int controller) {
        static Ports free() {
            return new Ports(FreePort.find(), FreePort.find(), FreePort.find(), FreePort.find());
        }
    }

    private Brokers(List<Broker> brokers) {
        this.brokers = List.copyOf(brokers);
        this.admin = Admin.create(Map.of("bootstrap.servers", addresses(Door.HARNESS)));
    }

    /**
     * Starts them and returns when each is registered.
     *
     * @param directory for their data; it must be new
     * @param count 1, or 3 for topics with three copies of which two must be in sync
     * @param javaOptions of each process
     */
    static Brokers start(Path directory, int count, List<String> javaOptions, Path logs)
            throws IOException, InterruptedException {
        List<Ports> ports =
                IntStream.range(0, count).mapToObj(node -> Ports.free()).toList();
        String voters = IntStream.range(0, count)
                .mapToObj(node ->
                        "%d@localhost:%d".formatted(node + 1, ports.get(node).controller()))
                .collect(Collectors.joining(","));
        List<Broker> brokers = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            int node = index + 1;
            Ports own = ports.get(index);
            Path data = directory.resolve("broker-" + node);
            format(data, node);
            TcpProxy ingest = TcpProxy.open(0, own.ingest());
            TcpProxy jobs = TcpProxy.open(0, own.jobs());
            Path file = directory.resolve("broker-%d.properties".formatted(node));
            write(file, settings(node, count, data, own, voters, ingest.port(), jobs.port()));
            Program program = Program.java(
                    javaOptions, System.getProperty("java.class.path"), "kafka.Kafka", List.of(file.toString()));
            String name = "broker-" + node;
            SupervisedProcess process = new SupervisedProcess(name, program, logs.resolve(name + ".log"));
            process.start();
            brokers.add(new Broker(node, process, own.harness(), ingest, jobs));
        }
        Brokers started = new Brokers(brokers);
        started.awaitAll();
        return started;
    }

    public int count() {
        return brokers.size();
    }

    /** {@code host:port} of each, with commas. */
    public String addresses(Door door) {
        return brokers.stream().map(broker -> "localhost:" + port(broker, door)).collect(Collectors.joining(","));
    }

    private static int port(Broker broker, Door door) {
        return switch (door) {
            case HARNESS -> broker.harnessPort();
            case INGEST -> broker.ingestProxy().port();
            case JOBS -> broker.jobsProxy().port();
        };
    }

    public Admin admin() {
        return admin;
    }

    /** The proxies of all brokers at that door. */
    public List<TcpProxy> proxies(Door door) {
        return switch (door) {
            case HARNESS -> List.of();
            case INGEST -> brokers.stream().map(Broker::ingestProxy).toList();
            case JOBS -> brokers.stream().map(Broker::jobsProxy).toList();
        };
    }

    /** @param index from 0 */
    public SupervisedProcess process(int index) {
        return brokers.get(index).process();
    }

    /** Of all: the one that leads the first partition of the source of predictions. */
    public SupervisedProcess leader() throws InterruptedException {
        String topic = Topic.REQUESTS_RECORD.topicName();
        try {
            TopicPartitionInfo partition = admin.describeTopics(List.of(topic))
                    .topicNameValues()
                    .get(topic)
                    .get()
                    .partitions()
                    .get(0);
            Node leader = partition.leader();
            if (leader == null) {
                throw new IllegalStateException(
                        "Cannot find the leader of topic '%s': its first partition has none now".formatted(topic));
            }
            return process(leader.id() - 1);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot find the leader of topic '%s': %s"
                            .formatted(topic, e.getCause().getMessage()),
                    e.getCause());
        }
    }

    /** The one whose controller is active. */
    public SupervisedProcess activeController() throws InterruptedException {
        try {
            QuorumInfo quorum = admin.describeMetadataQuorum().quorumInfo().get();
            return process(quorum.leaderId() - 1);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot find the active controller: " + e.getCause().getMessage(), e.getCause());
        }
    }

    /** Until each is registered and, of topics that exist, every copy is in sync. */
    public void awaitAll() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String last = "";
        while (System.nanoTime() < deadline) {
            try {
                int registered = admin.describeCluster().nodes().get().size();
                if (registered == brokers.size() && areInSync()) {
                    return;
                }
                last = "%d of %d brokers are registered".formatted(registered, brokers.size());
            } catch (ExecutionException e) {
                last = String.valueOf(e.getCause().getMessage());
            }
            Thread.sleep(100);
        }
        throw new IllegalStateException("Cannot go on: the brokers are not all up within %s (%s); see %s"
                .formatted(PATIENCE, last, process(0).log().getParent()));
    }

    private boolean areInSync() throws ExecutionException, InterruptedException {
        return admin.describeTopics(admin.listTopics().names().get()).allTopicNames().get().values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .allMatch(partition -> partition.leader() != null
                        && partition.isr().size() == partition.replicas().size());
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(2));
        brokers.forEach(broker -> {
            broker.process().close();
            broker.ingestProxy().close();
            broker.jobsProxy().close();
        });
    }

    private static void format(Path data, int node) {
        try {
            Files.createDirectories(data);
            new Formatter()
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false))
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .setNodeId(node)
                    .setClusterId(CLUSTER)
                    .setControllerListenerName(CONTROLLER)
                    .setDirectories(List.of(data.toString()))
                    .setMetadataLogDirectory(data.toString())
                    .run();
        } catch (Exception e) {
            throw new IllegalStateException(
                    "Cannot prepare %s for a broker: %s; check that it is writable and empty"
                            .formatted(data, e.getMessage()),
                    e);
        }
    }

    private static Map<String, String> settings(
            int node, int count, Path data, Ports own, String voters, int ingestPort, int jobsPort) {
        int copies = count;
        int fewest = Math.min(FEWEST_IN_SYNC, copies);
        Map<String, String> settings = new HashMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(node));
        settings.put("controller.quorum.voters", voters);
        settings.put("controller.listener.names", CONTROLLER);
        settings.put(
                "listeners",
                "HARNESS://localhost:%d,INGEST://localhost:%d,JOBS://localhost:%d,%s://localhost:%d"
                        .formatted(own.harness(), own.ingest(), own.jobs(), CONTROLLER, own.controller()));
        settings.put(
                "advertised.listeners",
                "HARNESS://localhost:%d,INGEST://localhost:%d,JOBS://localhost:%d"
                        .formatted(own.harness(), ingestPort, jobsPort));
        settings.put("inter.broker.listener.name", "HARNESS");
        settings.put(
                "listener.security.protocol.map",
                "HARNESS:PLAINTEXT,INGEST:PLAINTEXT,JOBS:PLAINTEXT,%s:PLAINTEXT".formatted(CONTROLLER));
        settings.put("log.dirs", data.toString());
        settings.put("auto.create.topics.enable", "false");
        settings.put("message.max.bytes", Integer.toString(Topic.LARGEST_RECORD_BYTES));
        settings.put("replica.fetch.max.bytes", Integer.toString(Topic.LARGEST_RECORD_BYTES));
        settings.put("default.replication.factor", Integer.toString(copies));
        settings.put("min.insync.replicas", Integer.toString(fewest));
        settings.put("offsets.topic.replication.factor", Integer.toString(copies));
        settings.put("offsets.topic.num.partitions", "4");
        settings.put("transaction.state.log.replication.factor", Integer.toString(copies));
        settings.put("transaction.state.log.min.isr", Integer.toString(fewest));
        settings.put("transaction.state.log.num.partitions", "4");
        settings.put("share.coordinator.state.topic.replication.factor", Integer.toString(copies));
        settings.put("share.coordinator.state.topic.min.isr", Integer.toString(fewest));
        settings.put("group.initial.rebalance.delay.ms", "0");
        // A small heap: the cleaner's default of 128 MiB would be the largest thing on it.
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 * 1024 * 1024));
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("background.threads", "2");
        return settings;
    }

    private static void write(Path file, Map<String, String> settings) throws IOException {
        Properties properties = new Properties();
        properties.putAll(settings);
        StringWriter text = new StringWriter();
        properties.store(text, null);
        Files.writeString(file, text.toString());
    }
}
