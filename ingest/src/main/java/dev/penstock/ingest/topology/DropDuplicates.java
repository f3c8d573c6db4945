package dev.penstock.ingest.topology;

import dev.penstock.ingest.topology.Ingested.Candidate;
import dev.penstock.schemas.pipelines.Pipeline;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;

/**
 * Passes on the first of each pipeline and id; another one whose timestamp is less than the pipeline's window away is
 * dropped. Sees what was accepted only: a dead letter's id may come again.
 *
 * <p>An id is stored under stream time, which never goes back, with its own timestamp as the value. So records that are
 * late or played back are remembered as long as others.
 */
final class DropDuplicates implements Processor<byte[], Candidate, byte[], Candidate> {
    private final String storeName;
    private final Map<String, Long> windowMillis = new HashMap<>();
    private final long longestWindowMillis;
    private final IngestCounters counters;
    private ProcessorContext<byte[], Candidate> context;
    private WindowStore<String, Long> seen;
    private Outcomes outcomes;

    DropDuplicates(String storeName, List<Pipeline> pipelines, IngestCounters counters) {
        this.storeName = storeName;
        this.counters = counters;
        for (Pipeline pipeline : pipelines) {
            windowMillis.put(pipeline.name(), pipeline.duplicates().window().toMillis());
        }
        this.longestWindowMillis = longestWindow(pipelines).toMillis();
    }

    static StoreBuilder<WindowStore<String, Long>> store(
            String storeName, List<Pipeline> pipelines, SeenStores stores) {
        Duration window = longestWindow(pipelines);
        // Twice the window: partitions of a backlog are read at different speeds, so that stream time may have run
        // ahead of the record at hand by as much again.
        return Stores.windowStoreBuilder(
                        stores.named(storeName, window.multipliedBy(2), window), Serdes.String(), Serdes.Long())
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
    public void process(Record<byte[], Candidate> record) {
        Candidate candidate = record.value();
        String key = candidate.pipeline() + '/' + candidate.requestId();
        if (isSeen(key, record.timestamp(), window(candidate))) {
            outcomes.duplicate(candidate.pipeline());
            return;
        }
        seen.put(key, record.timestamp(), context.currentStreamTimeMs());
        context.forward(record);
    }

    /** A pipeline that is no longer configured may still have records between the tasks. */
    private long window(Candidate candidate) {
        return windowMillis.getOrDefault(candidate.pipeline(), longestWindowMillis);
    }

    private boolean isSeen(String key, long timestamp, long window) {
        long oldest = Math.max(0, context.currentStreamTimeMs() - 2 * longestWindowMillis + 1);
        try (WindowStoreIterator<Long> times = seen.fetch(key, oldest, Long.MAX_VALUE)) {
            while (times.hasNext()) {
                if (Math.abs(timestamp - times.next().value) < window) {
                    return true;
                }
            }
            return false;
        }
    }
}
