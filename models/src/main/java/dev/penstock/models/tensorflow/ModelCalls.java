package dev.penstock.models.tensorflow;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.Scores;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Example.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import org.tensorflow.internal.c_api.TF_Tensor;

/**
 * How batches become calls of a session: cut to size, rows of one length together, each thread with native memory of its
 * own. Threads may score at the same time; whoever closes it waits for them first.
 */
final class ModelCalls implements AutoCloseable {
    private final ServingPlan plan;
    private final NativeSession session;
    /** As many as threads ever scored at a time. */
    private final List<Lane> lanes = new CopyOnWriteArrayList<>();
    /** The one that was used last comes first, for its memory is near. */
    private final Deque<Lane> idle = new ConcurrentLinkedDeque<>();

    /** More rows than that are asked for in several calls. */
    private volatile int mostRows = Integer.MAX_VALUE;

    /** Rows times the elements of the longest: more than that are asked for in several calls, too. */
    private volatile int mostCells = Integer.MAX_VALUE;

    /** @throws UnservableException if the graph lacks what the plan needs */
    ModelCalls(ServingPlan plan, NativeSession session) {
        this.plan = plan;
        this.session = session;
        idle.push(new Lane());
    }

    /** What one call needs: memory for its inputs, and its native arguments. For one thread at a time. */
    private final class Lane implements AutoCloseable {
        private final List<Feed> feeds;
        private final NativeSession.Call call;
        private volatile long bytes;

        Lane() {
            feeds = plan.inputs().stream().map(ServingPlan.PlannedInput::feed).toList();
            call = session.call(
                    plan.inputs().stream()
                            .map(input -> session.place(input.tensor().getName()))
                            .toList(),
                    plan.outputs().stream()
                            .map(output -> session.place(output.tensor().getName()))
                            .toList());
            lanes.add(this);
        }

        @Override
        public void close() {
            call.close();
            feeds.forEach(Feed::close);
        }
    }

    /** @param rows that a call has at most from now on */
    void cutInto(int rows) {
        mostRows = rows;
    }

    /** @param cells that a call of rows whose length varies has at most from now on; a row alone may have more */
    void cutIntoCells(int cells) {
        mostCells = cells;
    }

    /** Rows that a call has at most. */
    int mostRows() {
        return mostRows;
    }

    /** Rows that the graph has built in. */
    OptionalInt fixedRows() {
        return plan.rows();
    }

    /** Native memory that is held between calls. */
    long bytes() {
        return lanes.stream().mapToLong(lane -> lane.bytes).sum();
    }

    /** @param batch 1 or more rows */
    List<Scores> score(List<Example> batch) {
        Lane known = idle.poll();
        Lane lane = known == null ? new Lane() : known;
        try {
            return plan.varies() ? scoreByLength(batch, lane) : scoreInCalls(batch, lane);
        } finally {
            lane.bytes = lane.feeds.stream().mapToLong(Feed::bytes).sum();
            idle.push(lane);
        }
    }

    /**
     * Rows of one length share calls. Padding the shorter ones would save calls, and make a row's scores depend on
     * those that it happened to arrive with.
     */
    private List<Scores> scoreByLength(List<Example> batch, Lane lane) {
        Map<List<Integer>, List<Integer>> rowsByLengths = new LinkedHashMap<>();
        for (int row = 0; row < batch.size(); row++) {
            List<Integer> lengths =
                    batch.get(row).values().stream().map(Feed::lengthOf).toList();
            rowsByLengths.computeIfAbsent(lengths, key -> new ArrayList<>()).add(row);
        }
        Scores[] scores = new Scores[batch.size()];
        for (Collection<Integer> rows : rowsByLengths.values()) {
            List<Example> alike = rows.stream().map(batch::get).toList();
            List<Scores> answers = scoreInCalls(alike, lane);
            int next = 0;
            for (int row : rows) {
                scores[row] = answers.get(next++);
            }
        }
        return Arrays.asList(scores);
    }

    private List<Scores> scoreInCalls(List<Example> batch, Lane lane) {
        if (plan.rows().isPresent()) {
            int rows = plan.rows().getAsInt();
            List<Scores> scores = new ArrayList<>(batch.size());
            for (int start = 0; start < batch.size(); start += rows) {
                scores.addAll(scoreInCall(batch.subList(start, Math.min(start + rows, batch.size())), rows, lane));
            }
            return scores;
        }
        int calls = (batch.size() - 1) / rowsOfCall(batch.get(0)) + 1;
        if (calls == 1) {
            return scoreInCall(batch, batch.size(), lane);
        }
        List<Scores> scores = new ArrayList<>(batch.size());
        for (int call = 0; call < calls; call++) {
            // All of about one size, so that no call is left with a few rows.
            int start = (int) ((long) batch.size() * call / calls);
            int end = (int) ((long) batch.size() * (call + 1) / calls);
            scores.addAll(scoreInCall(batch.subList(start, end), end - start, lane));
        }
        return scores;
    }

    /** For rows that are as long as this one. */
    private int rowsOfCall(Example row) {
        if (!plan.varies()) {
            return mostRows;
        }
        int cells = row.values().stream().mapToInt(Feed::lengthOf).max().orElse(1);
        return Math.max(1, Math.min(mostRows, mostCells / Math.max(1, cells)));
    }

    /** @param rows of the call, of which the last ones are only there to fill it */
    private List<Scores> scoreInCall(List<Example> batch, int rows, Lane lane) {
        List<Feed> feeds = lane.feeds;
        TF_Tensor[] inputs = new TF_Tensor[feeds.size()];
        TF_Tensor[] outputs = {};
        try {
            for (int index = 0; index < inputs.length; index++) {
                inputs[index] = feeds.get(index).fill(column(batch, index), rows);
            }
            outputs = lane.call.run(inputs);
            return read(outputs, rows).subList(0, batch.size());
        } finally {
            for (TF_Tensor output : outputs) {
                NativeSession.delete(output);
            }
            feeds.forEach(Feed::done);
        }
    }

    private static List<Value> column(List<Example> batch, int input) {
        List<Value> values = new ArrayList<>(batch.size());
        for (Example example : batch) {
            values.add(example.values().get(input));
        }
        return values;
    }

    private List<Scores> read(TF_Tensor[] outputs, int rows) {
        List<LabelledScores> deciding = List.of();
        Map<String, List<LabelledScores>> further = new LinkedHashMap<>();
        for (int index = 0; index < outputs.length; index++) {
            OutputReader reader = plan.outputs().get(index).reader();
            List<LabelledScores> scores = reader.read(outputs[index], rows);
            if (reader.decides()) {
                deciding = scores;
            } else {
                further.put(reader.name(), scores);
            }
        }
        List<Scores> read = new ArrayList<>(rows);
        for (int row = 0; row < rows; row++) {
            Map<String, LabelledScores> others = further.isEmpty() ? Map.of() : new HashMap<>();
            for (Map.Entry<String, List<LabelledScores>> output : further.entrySet()) {
                others.put(output.getKey(), output.getValue().get(row));
            }
            read.add(new Scores(deciding.get(row), others));
        }
        return read;
    }

    @Override
    public void close() {
        lanes.forEach(Lane::close);
    }
}
