package dev.penstock.retrain.triggers;

import dev.penstock.retrain.runs.Range;
import dev.penstock.schemas.OffsetRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.jspecify.annotations.Nullable;

/**
 * Where the labels of the current key's model lie, and how many of them are new: no published version was made with them,
 * and no source counts for more than its share.
 */
final class NewLabels {
    private final MapState<Integer, SeenRange> seen;
    /** By partition, the first offset that no published version was made with. */
    private final MapState<Integer, Long> learned;
    /** By request. */
    private final MapState<String, NewLabel> fresh;

    private final ValueState<Integer> freshCount;
    private final MapState<String, SourceCount> sources;
    private final ValueState<Long> firstAt;

    NewLabels(RuntimeContext context) {
        seen = map(context, "seen-ranges", Types.INT, TypeInformation.of(SeenRange.class));
        learned = map(context, "learned-offsets", Types.INT, Types.LONG);
        fresh = map(context, "new-labels", Types.STRING, TypeInformation.of(NewLabel.class));
        freshCount = context.getState(new ValueStateDescriptor<>("new-label-count", Types.INT));
        sources = map(context, "sources", Types.STRING, TypeInformation.of(SourceCount.class));
        firstAt = context.getState(new ValueStateDescriptor<>("first-label-at", Types.LONG));
    }

    private static <K, V> MapState<K, V> map(
            RuntimeContext context, String name, TypeInformation<K> keys, TypeInformation<V> values) {
        return context.getMapState(new MapStateDescriptor<>(name, keys, values));
    }

    void see(TrainingNews example) throws Exception {
        SeenRange before = seen.get(example.partition());
        seen.put(
                example.partition(),
                before == null ? new SeenRange(example.offset(), example.offset() + 1) : before.with(example.offset()));
    }

    boolean areSeen() throws Exception {
        return !seen.isEmpty();
    }

    /** What was read before is read again by a job that lost its state. */
    boolean isLearned(TrainingNews example) throws Exception {
        Long to = learned.get(example.partition());
        return to != null && example.offset() < to;
    }

    /** @return whether its source has just given as many labels alone as begin a training */
    boolean add(TrainingNews example, TriggerSettings own, long now) throws Exception {
        if (firstAt.value() == null) {
            firstAt.update(now);
        }
        if (fresh.contains(example.subject())) {
            return false;
        }
        SourceCount before = sources.get(example.source());
        SourceCount source = before == null ? SourceCount.NONE : before;
        if (source.counted() < own.mostOfOneSource()) {
            fresh.put(example.subject(), new NewLabel(example.source(), example.partition(), example.offset()));
            sources.put(example.source(), new SourceCount(source.counted() + 1, source.beyond()));
            freshCount.update(count() + 1);
            return false;
        }
        sources.put(example.source(), new SourceCount(source.counted(), source.beyond() + 1));
        return source.counted() + source.beyond() + 1 == own.newLabels();
    }

    int count() throws Exception {
        Integer count = freshCount.value();
        return count == null ? 0 : count;
    }

    /** When the first came, in milliseconds since 1970-01-01T00:00Z. */
    @Nullable
    Long firstAt() throws Exception {
        return firstAt.value();
    }

    /** A published version was made with these. */
    void learn(List<OffsetRange> ranges) throws Exception {
        for (OffsetRange range : ranges) {
            Long before = learned.get(range.getPartition());
            learned.put(range.getPartition(), before == null ? range.getTo() : Math.max(before, range.getTo()));
        }
        Map<String, Integer> forgotten = new HashMap<>();
        Iterator<Map.Entry<String, NewLabel>> labels = fresh.iterator();
        int left = count();
        while (labels.hasNext()) {
            NewLabel label = labels.next().getValue();
            Long to = learned.get(label.partition());
            if (to != null && label.offset() < to) {
                labels.remove();
                left--;
                forgotten.merge(label.source(), 1, Integer::sum);
            }
        }
        freshCount.update(left);
        for (Map.Entry<String, Integer> source : forgotten.entrySet()) {
            SourceCount before = sources.get(source.getKey());
            if (before != null) {
                sources.put(source.getKey(), new SourceCount(before.counted() - source.getValue(), 0));
            }
        }
    }

    /** All that were seen, and from where on no published version was made with them. */
    List<Range> ranges() throws Exception {
        List<Range> ranges = new ArrayList<>();
        for (Map.Entry<Integer, SeenRange> entry : seen.entries()) {
            SeenRange range = entry.getValue();
            Long learnedTo = learned.get(entry.getKey());
            long newFrom = learnedTo == null ? range.from() : Math.max(range.from(), Math.min(learnedTo, range.to()));
            ranges.add(new Range(entry.getKey(), range.from(), newFrom, range.to()));
        }
        ranges.sort(Comparator.comparingInt(Range::partition));
        return ranges;
    }

    /** They are a reason for no other training. */
    void clear() {
        fresh.clear();
        freshCount.clear();
        sources.clear();
        firstAt.clear();
    }
}
