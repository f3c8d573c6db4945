package dev.penstock.ingest.topology;

import dev.penstock.ingest.limits.TopicLimits;
import dev.penstock.ingest.topology.Ingested.Candidate;
import dev.penstock.ingest.topology.Ingested.Dead;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.pipelines.Source.KeyedBy;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Branched;
import org.apache.kafka.streams.kstream.BranchedKStream;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Predicate;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;

/**
 * The whole graph. Each source topic has a graph of its own, so that adding a topic leaves the state of others alone:
 *
 * <pre>
 * topic ─ map ─┬─ dead letters ─────────────────────────────────────────────> dead-letters
 *              ├─ keyed by entity or id ──────────── drop duplicates ───────> requests.*
 *              ├─ keyed by anything ─ by entity ──── drop duplicates ───────> requests.*
 *              └─ duplicates are kept ──────────────────────────────────────> requests.*
 * </pre>
 *
 * <p>Every name is a word and the topic, so that no two topics have steps of the same name, whatever they are called.
 *
 * <p>Where nothing is known of the source's keys, requests meet by <em>entity</em>, not by id: copies of an event are
 * about one entity, so they meet all the same, and what happens to an entity stays in order.
 */
public final class IngestTopology {
    private static final Serde<byte[]> BYTES = Serdes.ByteArray();
    /** Requests are written as they were checked; nothing here reads them. */
    private static final Serde<Candidate> REQUEST =
            Serdes.serdeFrom((topic, candidate) -> candidate.request(), (topic, bytes) -> {
                throw new UnsupportedOperationException("Cannot read requests: ingest only writes them");
            });

    private final Pipelines pipelines;
    private final SchemaRegistry registry;
    private final TopicLimits limits;
    private final SeenStores stores;
    private final IngestCounters counters;
    private final Clock clock;

    /** @param clock by which times in the future are told */
    public IngestTopology(
            Pipelines pipelines,
            SchemaRegistry registry,
            TopicLimits limits,
            SeenStores stores,
            IngestCounters counters,
            Clock clock) {
        this.pipelines = pipelines;
        this.registry = registry;
        this.limits = limits;
        this.stores = stores;
        this.counters = counters;
        this.clock = clock;
    }

    /**
     * @param settings of Kafka Streams
     * @throws IllegalArgumentException if no pipeline has a source
     */
    public Topology build(Properties settings) {
        Map<String, List<Pipeline>> byTopic = new LinkedHashMap<>();
        for (Pipeline pipeline : pipelines.withSource()) {
            String topic = pipeline.source().orElseThrow().topic();
            byTopic.computeIfAbsent(topic, first -> new ArrayList<>()).add(pipeline);
        }
        if (byTopic.isEmpty()) {
            throw new IllegalArgumentException(
                    "Cannot ingest: no pipeline has a source; give one of %s a source, or do without ingest"
                            .formatted(pipelines.pipelines().keySet()));
        }
        StreamsBuilder builder = new StreamsBuilder(new TopologyConfig(new StreamsConfig(settings)));
        byTopic.forEach((topic, readers) -> define(builder, topic, readers));
        return builder.build(settings);
    }

    private void define(StreamsBuilder builder, String topic, List<Pipeline> readers) {
        List<Pipeline> keeping = new ArrayList<>();
        List<Pipeline> scattered = new ArrayList<>();
        List<Pipeline> gathered = new ArrayList<>();
        for (Pipeline pipeline : readers) {
            boolean anywhere = pipeline.source().orElseThrow().keyedBy() == KeyedBy.ANYTHING;
            (pipeline.duplicates().dropped() ? anywhere ? scattered : gathered : keeping).add(pipeline);
        }
        BranchedKStream<byte[], Ingested> outcomes = builder.stream(
                        topic,
                        Consumed.with(BYTES, BYTES)
                                .withTimestampExtractor(new ArrivalTime(clock))
                                .withName("read-" + topic))
                .process(() -> new MapRecords(readers, registry, limits, counters, clock), Named.as("map-" + topic))
                .split(Named.as("sort-" + topic + "-"))
                .branch(
                        (key, value) -> value instanceof Dead,
                        Branched.withConsumer(dead -> writeDeadLetters(dead, topic), "dead"));
        if (!keeping.isEmpty()) {
            outcomes.branch(
                    of(keeping),
                    Branched.withConsumer(
                            kept -> writeRequests(
                                    kept.process(() -> new CountAccepted(counters), Named.as("count-all-" + topic)),
                                    "all-" + topic),
                            "kept"));
        }
        if (!gathered.isEmpty()) {
            outcomes.branch(
                    of(gathered),
                    Branched.withConsumer(found -> writeFirsts(builder, found, gathered, "in-" + topic), "gathered"));
        }
        if (!scattered.isEmpty()) {
            String byEntity = "by-entity-" + topic;
            outcomes.branch(
                    of(scattered),
                    Branched.withConsumer(
                            found -> writeFirsts(
                                    builder,
                                    found.repartition(Repartitioned.with(BYTES, CandidateSerde.create())
                                            .withName(byEntity)),
                                    scattered,
                                    byEntity),
                            "scattered"));
        }
        outcomes.noDefaultBranch();
    }

    private static Predicate<byte[], Ingested> of(List<Pipeline> pipelines) {
        Set<String> names = pipelines.stream().map(Pipeline::name).collect(Collectors.toSet());
        return (key, value) -> value instanceof Candidate candidate && names.contains(candidate.pipeline());
    }

    private void writeFirsts(
            StreamsBuilder builder, KStream<byte[], Ingested> candidates, List<Pipeline> pipelines, String from) {
        String store = "seen-" + from;
        builder.addStateStore(DropDuplicates.store(store, pipelines, stores));
        writeRequests(
                candidates.process(
                        () -> new DropDuplicates(store, pipelines, counters),
                        Named.as("drop-duplicates-" + from),
                        store),
                from);
    }

    private static void writeRequests(KStream<byte[], Candidate> stream, String from) {
        stream.to(
                (key, candidate, context) -> candidate.topic().topicName(),
                Produced.with(BYTES, REQUEST).withName("write-requests-" + from));
    }

    private static void writeDeadLetters(KStream<byte[], Ingested> stream, String from) {
        stream.mapValues(value -> ((Dead) value).value(), Named.as("bury-" + from))
                .to(Topic.DEAD_LETTERS.topicName(), Produced.with(BYTES, BYTES).withName("write-dead-letters-" + from));
    }
}
