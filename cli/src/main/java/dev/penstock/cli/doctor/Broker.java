package dev.penstock.cli.doctor;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.output.CommandException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.server.common.MetadataVersion;

/** The connection to Kafka, made once for all checks; those that need it find nothing where there is none. */
final class Broker {
    /** Events from further in the future than a pipeline's clock skew are refused. */
    private static final Duration LARGE_DIFFERENCE = Duration.ofMinutes(5);

    private static final Duration DIFFERENCE = Duration.ofSeconds(2);

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
        return List.of(Finding.ok("%s answers after %s: %d %s of cluster %s, %s"
                .formatted(
                        connection.brokers(),
                        Amounts.time(Duration.ofNanos(System.nanoTime() - start)),
                        nodes,
                        nodes == 1 ? "broker" : "brokers",
                        cluster.clusterId().get(),
                        version(connected))));
    }

    private static String version(Admin admin) throws InterruptedException {
        try {
            FinalizedVersionRange metadata = admin.describeFeatures()
                    .featureMetadata()
                    .get()
                    .finalizedFeatures()
                    .get(MetadataVersion.FEATURE_NAME);
            return metadata == null
                    ? "version not known"
                    : "metadata of Kafka %s"
                            .formatted(MetadataVersion.fromFeatureLevel(metadata.maxVersionLevel())
                                    .version());
        } catch (ExecutionException | IllegalArgumentException e) {
            return "version not known";
        }
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
