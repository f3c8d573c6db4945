package dev.penstock.cli.doctor;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.output.CommandException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.server.common.MetadataVersion;

/** The connection to Kafka, made once for all checks; those that need it find nothing where there is none. */
final class Broker {
    /** Events from further in the future than a pipeline's clock skew are refused. */
    private static final Duration LARGE_DIFFERENCE = Duration.ofMinutes(5);

    private static final Duration DIFFERENCE = Duration.ofSeconds(2);

    private static final String TRANSACTION_VERSION = "transaction.version";
    /** From this level on each transaction has a number of its own, and brokers refuse what is of an earlier one. */
    private static final int SAFE_TRANSACTIONS = 2;

    private static final int MOST_NAMES = 5;

    private final Connection connection;
    private final CompletableFuture<Admin> admin;

    private Broker(Connection connection, CompletableFuture<Admin> admin) {
        this.connection = connection;
        this.admin = admin;
    }

    /** Starts connecting, and waits for nothing. */
    static Broker connect(Connection connection) {
        CompletableFuture<Admin> admin = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        admin.complete(connection.admin());
                    } catch (RuntimeException e) {
                        admin.completeExceptionally(e);
                    }
                },
                "doctor-broker");
        thread.setDaemon(true);
        thread.start();
        return new Broker(connection, admin);
    }

    /** A check that needs Kafka. */
    interface Check {
        List<Finding> look(Admin admin) throws Exception;
    }

    /** Waits for the connection; finds nothing if there is none, since {@link #cluster} says so. */
    Examination.Check ifReachable(Check check) {
        return () -> {
            Optional<Admin> connected =
                    admin.handle((made, failure) -> Optional.ofNullable(made)).join();
            return connected.isPresent() ? check.look(connected.get()) : List.of();
        };
    }

    List<Finding> cluster() throws Exception {
        Admin connected;
        try {
            connected = admin.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof CommandException expected) {
                throw expected;
            }
            throw e;
        }
        long start = System.nanoTime();
        DescribeClusterResult cluster = connected.describeCluster();
        int nodes = cluster.nodes().get().size();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        Map<String, FinalizedVersionRange> features = features(connected);
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok("%s answers after %s: %d %s of cluster %s, %s, %s"
                .formatted(
                        connection.brokers(),
                        Amounts.time(took),
                        nodes,
                        nodes == 1 ? "broker" : "brokers",
                        cluster.clusterId().get(),
                        version(features),
                        level(features)
                                .map(level -> "%s %d".formatted(TRANSACTION_VERSION, level))
                                .orElse(TRANSACTION_VERSION + " not known"))));
        if (level(features).filter(level -> level < SAFE_TRANSACTIONS).isPresent()) {
            findings.add(Finding.warning(
                    "%s is %d: a message that is late can leave a transaction open that nobody ends"
                            .formatted(TRANSACTION_VERSION, level(features).get()),
                    "Once all brokers are of Kafka 4: kafka-features.sh upgrade --feature %s=%d"
                            .formatted(TRANSACTION_VERSION, SAFE_TRANSACTIONS)));
        }
        return findings;
    }

    /** None where the brokers do not tell. */
    private static Map<String, FinalizedVersionRange> features(Admin admin) throws InterruptedException {
        try {
            return admin.describeFeatures().featureMetadata().get().finalizedFeatures();
        } catch (ExecutionException e) {
            return Map.of();
        }
    }

    private static Optional<Integer> level(Map<String, FinalizedVersionRange> features) {
        // A feature at level 0 is left out, but then the version of the metadata is there.
        return features.isEmpty()
                ? Optional.empty()
                : Optional.of(Optional.ofNullable(features.get(TRANSACTION_VERSION))
                        .map(feature -> (int) feature.maxVersionLevel())
                        .orElse(0));
    }

    private static String version(Map<String, FinalizedVersionRange> features) {
        FinalizedVersionRange metadata = features.get(MetadataVersion.FEATURE_NAME);
        try {
            return metadata == null
                    ? "version not known"
                    : "metadata of Kafka %s"
                            .formatted(MetadataVersion.fromFeatureLevel(metadata.maxVersionLevel())
                                    .version());
        } catch (IllegalArgumentException e) {
            return "version not known";
        }
    }

    /** Whether each partition can be written, and how many copies of it there are. */
    static List<Finding> copies(Admin admin) throws ExecutionException, InterruptedException {
        int partitions = 0;
        List<String> leaderless = new ArrayList<>();
        List<String> behind = new ArrayList<>();
        for (TopicDescription topic : admin.describeTopics(
                        admin.listTopics().names().get())
                .allTopicNames()
                .get()
                .values()) {
            for (TopicPartitionInfo partition : topic.partitions()) {
                String name = topic.name() + "-" + partition.partition();
                partitions++;
                if (partition.leader() == null || partition.leader().isEmpty()) {
                    leaderless.add(name);
                } else if (partition.isr().size() < partition.replicas().size()) {
                    behind.add(name);
                }
            }
        }
        List<Finding> findings = new ArrayList<>();
        if (!leaderless.isEmpty()) {
            findings.add(Finding.problem(
                    "%d of %d partitions have no leader: %s".formatted(leaderless.size(), partitions, some(leaderless)),
                    "Nobody can read or write them: start the brokers that have their copies."));
        }
        if (!behind.isEmpty()) {
            findings.add(Finding.warning(
                    "%d of %d partitions have fewer copies in sync than they should: %s"
                            .formatted(behind.size(), partitions, some(behind)),
                    "Is a broker away, or does it keep up? The next failure may stop writers."));
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("all %d partitions have a leader and all of their copies".formatted(partitions)));
        }
        return findings;
    }

    private static String some(List<String> names) {
        return names.size() <= MOST_NAMES
                ? String.join(", ", names)
                : "%s and %d more"
                        .formatted(String.join(", ", names.subList(0, MOST_NAMES)), names.size() - MOST_NAMES);
    }

    /**
     * Compares clocks by the one thing that tells the broker's: the leader of the metadata quorum names its own time as
     * that of its last fetch.
     */
    static List<Finding> clock(Admin admin) throws InterruptedException {
        Instant asked = Instant.now();
        OptionalLong theirs;
        try {
            QuorumInfo quorum = admin.describeMetadataQuorum().quorumInfo().get();
            theirs = quorum.voters().stream()
                    .filter(voter -> voter.replicaId() == quorum.leaderId())
                    .findFirst()
                    .map(QuorumInfo.ReplicaState::lastFetchTimestamp)
                    .orElse(OptionalLong.empty());
        } catch (ExecutionException e) {
            theirs = OptionalLong.empty();
        }
        Instant answered = Instant.now();
        if (theirs.isEmpty() || theirs.getAsLong() <= 0) {
            return List.of(Finding.ok("Kafka's clock is not known: this cluster does not tell it"));
        }
        return List.of(clock(asked, Instant.ofEpochMilli(theirs.getAsLong()), answered));
    }

    /** @param theirs taken between the other two */
    static Finding clock(Instant asked, Instant theirs, Instant answered) {
        Duration difference = Duration.ZERO;
        if (theirs.isBefore(asked)) {
            difference = Duration.between(theirs, asked);
        } else if (theirs.isAfter(answered)) {
            difference = Duration.between(answered, theirs);
        }
        if (difference.compareTo(DIFFERENCE) < 0) {
            return Finding.ok("this clock and Kafka's agree within %s"
                    .formatted(Amounts.time(difference.plus(Duration.between(asked, answered)))));
        }
        String what = "this clock is %s %s Kafka's"
                .formatted(Amounts.time(difference), theirs.isBefore(asked) ? "ahead of" : "behind");
        String remedy = "Set both by NTP: event times, latencies and retention are compared across machines.";
        return difference.compareTo(LARGE_DIFFERENCE) < 0
                ? Finding.warning(what, remedy)
                : Finding.problem(what, remedy);
    }
}
