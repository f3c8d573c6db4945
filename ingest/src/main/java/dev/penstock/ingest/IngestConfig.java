package dev.penstock.ingest;

import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.configuration.Default;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything ingest reads from outside the process, but for the pipelines: the whole of {@code ingest.yaml}.
 *
 * @param brokers {@code host:port}, several with commas between them
 * @param applicationId names the consumer group, the transactions and the internal topics: changing it starts anew
 * @param stateDirectory where ids that were seen are kept; what is lost is restored from Kafka
 * @param stateMemory native memory for all of that together, beside the heap
 * @param threads that process; more than the source topics' partitions are idle
 * @param commitInterval how often requests become visible to those who read committed records only: latency against
 *     the cost of a transaction
 * @param linger how long a batch may wait to fill
 * @param replication copies of internal topics' partitions; empty for the brokers' default
 * @param metrics where Prometheus may ask; empty to answer nowhere
 * @param kafka further settings of Kafka Streams and of its clients, such as {@code security.protocol}
 */
public record IngestConfig(
        String brokers,
        Registry registry,
        Path stateDirectory,
        @Default("penstock-ingest") String applicationId,
        @Default("1") int threads,
        @Default("PT0.05S") Duration commitInterval,
        @Default("PT0.005S") Duration linger,
        @Default("64MiB") ByteSize stateMemory,
        Optional<Short> replication,
        Optional<Metrics> metrics,
        Map<String, String> kafka) {
    /**
     * @param url such as {@code http://localhost:8081}
     * @param patience how long a registry that is away is waited for before the thread starts anew
     * @param settings of Confluent's client, such as {@code basic.auth.user.info}
     */
    public record Registry(URI url, @Default("PT1M") Duration patience, Map<String, String> settings) {
        public Registry {
            settings = Map.copyOf(settings);
            new Checks()
                    .require(isPositive(patience), "patience", "%s is not positive".formatted(patience))
                    .require(
                            Set.of("http", "https", "mock").contains(String.valueOf(url.getScheme())),
                            "url",
                            "'%s' is not an http or https address".formatted(url.getScheme()))
                    .refuse("registry");
        }
    }

    /**
     * @param port 0 for a free one
     * @param address to listen at; anyone who reaches it may read what it says
     */
    public record Metrics(int port, @Default("localhost") String address) {
        public Metrics {
            new Checks()
                    .require(port >= 0 && port <= 65_535, "port", "%d is not between 0 and 65535".formatted(port))
                    .require(!address.isBlank(), "address", "it is empty; leave it out for loopback")
                    .refuse("metrics");
        }
    }

    /** What the topology depends on, or what has a key of its own. */
    private static final Set<String> OWN = Set.of(
            "bootstrap.servers",
            "application.id",
            "state.dir",
            "num.stream.threads",
            "commit.interval.ms",
            "processing.guarantee",
            "replication.factor",
            "ensure.explicit.internal.resource.naming",
            "rocksdb.config.setter",
            "producer.max.request.size",
            "topic.max.message.bytes",
            "default.key.serde",
            "default.value.serde",
            "default.timestamp.extractor");

    public IngestConfig {
        kafka = Map.copyOf(kafka);
        Checks checks = new Checks()
                .require(!brokers.isBlank(), "brokers", "there is none; write host:port")
                .require(
                        applicationId.matches("[a-zA-Z0-9._-]{1,100}"),
                        "application-id",
                        "'%s' is not a name for topics; use letters, digits, '.', '_' and '-', at most 100"
                                .formatted(applicationId))
                .require(threads > 0, "threads", "%d threads cannot process anything".formatted(threads))
                .require(
                        isPositive(commitInterval) && commitInterval.toSeconds() < 10,
                        "commit-interval",
                        "%s is not between PT0.001S and PT10S, when brokers give a transaction up"
                                .formatted(commitInterval))
                .require(
                        !linger.isNegative() && linger.compareTo(commitInterval) <= 0,
                        "linger",
                        "%s is not between PT0S and the commit interval of %s, which sends every batch"
                                .formatted(linger, commitInterval))
                .require(
                        stateMemory.bytes() >= 8L << 20,
                        "state-memory",
                        "%s is too little to work with; give 8MiB or more".formatted(stateMemory))
                .require(
                        replication.isEmpty() || replication.get() > 0,
                        "replication",
                        "%s copies hold nothing; leave it out for the brokers' default"
                                .formatted(replication.map(String::valueOf).orElse("no")));
        for (String setting : kafka.keySet()) {
            checks.require(
                    !OWN.contains(setting),
                    "kafka." + setting,
                    "ingest sets this itself; use its own keys, or leave it alone");
        }
        checks.refuse("ingest's configuration");
    }

    /**
     * @param environment for {@code ${NAME}} placeholders, such as {@code System.getenv()}
     * @throws dev.penstock.schemas.configuration.InvalidConfigurationException listing every mistake with its line
     */
    public static IngestConfig read(Path file, Map<String, String> environment) {
        return ConfigurationFile.read(file, IngestConfig.class, environment);
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }
}
