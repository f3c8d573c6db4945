package dev.penstock.ingest;

import dev.penstock.ingest.limits.TopicLimits;
import dev.penstock.ingest.topology.IngestCounters;
import dev.penstock.ingest.topology.IngestTopology;
import dev.penstock.ingest.topology.SeenStores;
import dev.penstock.schemas.configuration.EffectiveConfiguration;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ingest, running: reads source topics until it is closed. Starts threads of its own; may itself be used from any
 * thread. Whoever starts it closes it.
 */
public final class Ingest implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ingest.class);
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(30);

    private final KafkaStreams streams;
    private final FailureHandler failures;
    private final IngestCounters counters;
    private final Optional<MetricsEndpoint> metrics;
    private final Object stateChange = new Object();

    /** What ingest is doing. */
    public enum State {
        /** Partitions are being shared out, now or again; nothing is read. */
        STARTING,
        RUNNING,
        /** It was closed. */
        STOPPED,
        /** It stopped by itself, see {@link Ingest#failure}. */
        FAILED
    }

    private Ingest(
            KafkaStreams streams, FailureHandler failures, IngestCounters counters, Optional<MetricsEndpoint> metrics) {
        this.streams = streams;
        this.failures = failures;
        this.counters = counters;
        this.metrics = metrics;
    }

    /**
     * Checks that everything is there that ingest needs, and starts it; returns before it {@linkplain #awaitRunning
     * runs}.
     *
     * @throws IllegalArgumentException if no pipeline has a source, or names are too long together
     * @throws IllegalStateException if a topic is missing, the brokers do not answer or the metrics' port is taken
     * @throws dev.penstock.schemas.wire.RegistryUnavailableException if the registry does not answer
     */
    public static Ingest start(IngestConfig config, Pipelines pipelines) throws InterruptedException {
        LOG.info("Ingest starts with\n{}", EffectiveConfiguration.of(config));
        LOG.info("Pipelines are\n{}", EffectiveConfiguration.of(pipelines));
        KafkaTopics.requireShortNames(config.applicationId(), pipelines);
        Properties settings = StreamsSettings.of(config);
        SchemaRegistry registry = SchemaRegistry.connect(
                config.registry().url().toString(),
                config.registry().settings(),
                config.registry().patience());
        TopicLimits limits;
        try (Admin admin = Admin.create(adminSettings(config))) {
            Set<String> topics = KafkaTopics.usedBy(pipelines);
            KafkaTopics kafka = new KafkaTopics(admin);
            kafka.requireExisting(topics);
            limits = kafka.limits(topics);
        }
        // Asked now, a registry that is away or refuses the schema stops the start and not the stream.
        for (Pipeline pipeline : pipelines.withSource()) {
            Topic topic = Topic.requestsOf(pipeline.modality());
            registry.register(topic.subject(), topic.schema().orElseThrow());
        }
        IngestCounters counters = new IngestCounters();
        IngestTopology topology =
                new IngestTopology(pipelines, registry, limits, SeenStores.persistent(), counters, Clock.systemUTC());
        FailureHandler failures = new FailureHandler();
        KafkaStreams streams = new KafkaStreams(topology.build(settings), settings);
        Optional<MetricsEndpoint> metrics;
        try {
            metrics = config.metrics().map(where -> MetricsEndpoint.start(where, pipelines, counters, streams));
        } catch (RuntimeException e) {
            streams.close();
            throw e;
        }
        Ingest ingest = new Ingest(streams, failures, counters, metrics);
        streams.setUncaughtExceptionHandler(failures);
        streams.setStateListener(ingest::changed);
        streams.start();
        return ingest;
    }

    private static Map<String, Object> adminSettings(IngestConfig config) {
        Map<String, Object> settings = new HashMap<>();
        config.kafka().forEach((name, value) -> {
            if (AdminClientConfig.configNames().contains(name)) {
                settings.put(name, value);
            }
        });
        settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.brokers());
        return settings;
    }

    private void changed(KafkaStreams.State now, KafkaStreams.State before) {
        LOG.info("Ingest is {}, was {}", now, before);
        synchronized (stateChange) {
            stateChange.notifyAll();
        }
    }

    public State state() {
        return switch (streams.state()) {
            case CREATED, REBALANCING -> State.STARTING;
            case RUNNING -> State.RUNNING;
            case PENDING_SHUTDOWN, NOT_RUNNING -> failures.failure().isPresent() ? State.FAILED : State.STOPPED;
            case PENDING_ERROR, ERROR -> State.FAILED;
        };
    }

    /**
     * Returns when events are being read.
     *
     * @throws IllegalStateException if it stopped or failed instead, or is not running in time
     */
    public void awaitRunning(Duration patience) throws InterruptedException {
        State state = await(patience, State.RUNNING, State.STOPPED, State.FAILED);
        if (state != State.RUNNING) {
            throw new IllegalStateException(
                    "Cannot await ingest: it is %s after %s; see its log for what it waits for"
                            .formatted(state, patience),
                    failure().orElse(null));
        }
    }

    /** Returns when it was closed or stopped by itself; which of both, its state says. */
    public void awaitEnd() throws InterruptedException {
        while (state() != State.STOPPED && state() != State.FAILED) {
            await(Duration.ofDays(1), State.STOPPED, State.FAILED);
        }
    }

    private State await(Duration patience, State... wanted) throws InterruptedException {
        Set<State> ends = Set.of(wanted);
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (stateChange) {
            while (!ends.contains(state())) {
                long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
                if (millis <= 0) {
                    break;
                }
                stateChange.wait(millis);
            }
        }
        return state();
    }

    /** What became of events in this process. */
    public IngestCounters counters() {
        return counters;
    }

    /** Where Prometheus may ask; empty if that was not configured. */
    public Optional<URI> metrics() {
        return metrics.map(MetricsEndpoint::address);
    }

    /** Why it stopped by itself; empty if it did not. */
    public Optional<Throwable> failure() {
        return failures.failure();
    }

    /** Finishes what is in work and commits it; what cannot be within half a minute is done again at the next start. */
    @Override
    public void close() {
        failures.close();
        metrics.ifPresent(MetricsEndpoint::close);
        if (!streams.close(LONGEST_CLOSE)) {
            LOG.warn("Ingest did not end within {}; what was in work is done again at the next start", LONGEST_CLOSE);
        }
    }
}
