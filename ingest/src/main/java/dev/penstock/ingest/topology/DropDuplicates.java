package dev.penstock.ingest.topology;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.ingest.topology.Ingested.Candidate;
import dev.penstock.schemas.pipelines.Pipeline;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;
import org.jspecify.annotations.Nullable;

/**
 * Passes on the first of each pipeline and id, and counts it; another one whose timestamp is less than the pipeline's
 * window away is dropped. Sees what was accepted only: a dead letter's id may come again.
 *
 * <p>An id is stored under stream time, which never goes back, with its own timestamps as the value. So records that are
 * late or played back are remembered as long as others: for two windows at least, three at most. Stream time is rounded
 * down to whole windows, so that an id is looked for with three gets, which Bloom filters answer where it is new, instead
 * of with an iterator over all that time.
 */
final class DropDuplicates implements Processor<byte[], Ingested, byte[], Candidate> {
    /** Windows that are looked into: the current one and those that reach two windows back from any point of it. */
    private static final int WINDOWS = 3;
    /** Of one id in one window of stream time. Only what is played back has more than two. */
    private static final int MOST_TIMESTAMPS = 100;

    private final String storeName;
    private final Map<String, Long> windowMillis = new HashMap<>();
    private final long longestWindowMillis;
    private final IngestCounters counters;
    private ProcessorContext<byte[], Candidate> context;
    private WindowStore<Bytes, byte[]> seen;
    private Outcomes outcomes;

    DropDuplicates(String storeName, List<Pipeline> pipelines, IngestCounters counters) {
        this.storeName = storeName;
        this.counters = counters;
        for (Pipeline pipeline : pipelines) {
            windowMillis.put(pipeline.name(), pipeline.duplicates().window().toMillis());
        }
        this.longestWindowMillis = longestWindow(pipelines).toMillis();
    }

    static StoreBuilder<WindowStore<Bytes, byte[]>> store(
            String storeName, List<Pipeline> pipelines, SeenStores stores) {
        Duration window = longestWindow(pipelines);
        // More than one window: partitions of a backlog are read at different speeds, so that stream time may have run
        // ahead of the record at hand by as much again.
        return Stores.windowStoreBuilder(
                        stores.named(storeName, window.multipliedBy(WINDOWS), window),
                        Serdes.Bytes(),
                        Serdes.ByteArray())
                // Each key is written once: a cache would hold back nothing.
                .withCachingDisabled()
                .withLoggingEnabled(Map.of());
    }

    private static Duration longestWindow(List<Pipeline> pipelines) {
        return pipelines.stream()
                .map(pipeline -> pipeline.duplicates().window())
                .max(Duration::compareTo)
                .orElseThrow(() -> new IllegalArgumentException("Cannot drop duplicates of no pipeline"));
    }

    @Override
    public void init(ProcessorContext<byte[], Candidate> context) {
        this.context = context;
        this.seen = context.getStateStore(storeName);
        this.outcomes = new Outcomes(counters, context.metrics());
    }

    @Override
    public void process(Record<byte[], Ingested> record) {
        Candidate candidate = (Candidate) record.value();
        // Encoded once for all that is asked of the store.
        Bytes key = Bytes.wrap((candidate.pipeline() + '/' + candidate.requestId()).getBytes(UTF_8));
        long window = window(candidate);
        long current = context.currentStreamTimeMs() / window * window;
        byte @Nullable [] timestamps = seen.fetch(key, current);
        if (isNear(timestamps, record.timestamp(), window) || isSeenBefore(key, current, record.timestamp(), window)) {
            outcomes.duplicate(candidate.pipeline());
            return;
        }
        seen.put(key, with(timestamps, record.timestamp()), current);
        outcomes.accepted(candidate.pipeline());
        context.forward(record.withValue(candidate));
    }

    /** A pipeline that is no longer configured may still have records between the tasks. */
    private long window(Candidate candidate) {
        return windowMillis.getOrDefault(candidate.pipeline(), longestWindowMillis);
    }

    private boolean isSeenBefore(Bytes key, long current, long timestamp, long window) {
        for (int back = 1; back < WINDOWS && current >= back * window; back++) {
            if (isNear(seen.fetch(key, current - back * window), timestamp, window)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isNear(byte @Nullable [] timestamps, long timestamp, long window) {
        if (timestamps != null) {
            ByteBuffer stored = ByteBuffer.wrap(timestamps);
            while (stored.remaining() >= Long.BYTES) {
                if (Math.abs(timestamp - stored.getLong()) < window) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The timestamp before the others, of which the last is dropped if they are too many. */
    private static byte[] with(byte @Nullable [] timestamps, long timestamp) {
        int kept = timestamps == null ? 0 : Math.min(timestamps.length, (MOST_TIMESTAMPS - 1) * Long.BYTES);
        ByteBuffer all = ByteBuffer.allocate(Long.BYTES + kept).putLong(timestamp);
        return timestamps == null ? all.array() : all.put(timestamps, 0, kept).array();
    }
}
