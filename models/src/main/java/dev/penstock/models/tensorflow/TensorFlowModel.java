package dev.penstock.models.tensorflow;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.Model;
import dev.penstock.models.ModelFailedException;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.Scores;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Example.Value;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.models.preprocessing.Preprocessor;
import dev.penstock.models.preprocessing.Preprocessors;
import dev.penstock.schemas.GoldenExample;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
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
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.proto.MetaGraphDef;

/**
 * A SavedModel in this process: whatever TensorFlow exported it, and in whatever shape. Threads that score at the same
 * time share the graph and its variables; each has native memory of its own for what it feeds.
 */
public final class TensorFlowModel implements Model {
    private static final Logger LOG = LoggerFactory.getLogger(TensorFlowModel.class);

    private final ModelCard card;
    private final Preprocessor preprocessor;
    private final List<GoldenExample> goldenExamples;
    private final ServingPlan plan;
    private final NativeSession session;
    private final TensorFlowRuntime runtime;
    private final long fileBytes;
    /** As many as threads ever scored at a time. */
    private final List<Lane> lanes = new CopyOnWriteArrayList<>();
    /** The one that was used last comes first, for its memory is near. */
    private final Deque<Lane> idle = new ConcurrentLinkedDeque<>();
    /** Shared by whoever scores; closing waits for them. */
    private final ReadWriteLock use = new ReentrantReadWriteLock();

    /** More rows than that are asked for in several calls. */
    private volatile int callRows = Integer.MAX_VALUE;

    private boolean closed;

    private TensorFlowModel(
            Bundle bundle,
            Preprocessor preprocessor,
            ServingPlan plan,
            NativeSession session,
            TensorFlowRuntime runtime,
            long fileBytes) {
        card = bundle.card();
        goldenExamples = bundle.goldenExamples();
        this.preprocessor = preprocessor;
        this.plan = plan;
        this.session = session;
        this.runtime = runtime;
        this.fileBytes = fileBytes;
        idle.push(new Lane()); // What the graph lacks is found while it is loaded.
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

    /**
     * Loads a bundle's model, which is ready to be called then, but not warm.
     *
     * @throws ModelRefusedException if the model cannot serve; nothing of it stays loaded
     * @throws IOException if the bundle's files cannot be read
     */
    public static TensorFlowModel load(Bundle bundle, TensorFlowRuntime runtime) throws IOException {
        try {
            Preprocessor preprocessor = preprocessor(bundle);
            MetaGraphDef graph = MetaGraphs.choose(
                    SavedModelFile.read(bundle.savedModel()), bundle.card().tags());
            String signature = Signatures.choose(graph, bundle.card().signature());
            GraphWalk walk = new GraphWalk(graph);
            SignatureChecks checks = new SignatureChecks(bundle.savedModel(), graph, walk);
            checks.check(signature);
            checks.requireSwitches(signature, bundle.card());
            ServingPlan plan = ServingPlan.of(bundle.card(), graph, signature, walk);
            // Up to here nothing of the model ran.
            return load(bundle, preprocessor, runtime, graph, plan);
        } catch (UnservableException e) {
            throw refused(bundle.card(), "load", e.why(), e);
        } catch (TensorFlowFailure e) {
            throw refused(
                    bundle.card(),
                    "load",
                    "TensorFlow says: %s; copy its whole directory again, or export it anew".formatted(e.words()),
                    e);
        }
    }

    private static Preprocessor preprocessor(Bundle bundle) {
        try {
            return Preprocessors.of(bundle.card(), bundle.directory());
        } catch (IllegalArgumentException e) {
            throw refused(bundle.card(), "load", e.getMessage(), e);
        }
    }

    private static TensorFlowModel load(
            Bundle bundle, Preprocessor preprocessor, TensorFlowRuntime runtime, MetaGraphDef graph, ServingPlan plan)
            throws IOException {
        Path directory = bundle.savedModel();
        NativeSession session = NativeSession.load(directory, MetaGraphs.tagsOf(graph), runtime.sessionConfig());
        try {
            TableInitialiser.run(graph, directory, session);
            plan.requireTypes(session);
            return new TensorFlowModel(bundle, preprocessor, plan, session, runtime, bytesOf(directory));
        } catch (RuntimeException | IOException e) {
            session.close();
            throw e;
        }
    }

    private static long bytesOf(Path directory) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    static ModelRefusedException refused(ModelCard card, String action, String why, Exception cause) {
        return new ModelRefusedException(
                "Cannot %s model '%s' version %d: %s".formatted(action, card.name(), card.version(), why), cause);
    }

    /**
     * Calls the model, so that its first real call is as fast as the others, and compares its answers with the bundle's
     * golden examples. Without such examples it is called with one made from the card.
     *
     * @throws ModelRefusedException if a call fails or an answer differs
     */
    public WarmUp warmUp() {
        return WarmUp.of(this, goldenExamples);
    }

    /**
     * Warms up, and finds out how many rows a call should have. Batches are cut into such calls then.
     *
     * @param most rows that it will be asked for at a time
     * @throws ModelRefusedException if a call fails or an answer differs
     */
    public WarmUp warmUpFor(int most) {
        WarmUp warmUp = warmUp();
        // Of a call on other threads the calling one's processor time says nothing; and rows that the graph has built
        // in
        // are no choice.
        if (runtime.isInCallingThread() && plan.rows().isEmpty()) {
            List<Example> rows = WarmUp.rows(this, goldenExamples);
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            try {
                cutInto(CallSize.measured(most, count -> {
                    List<Example> batch = IntStream.range(0, count)
                            .mapToObj(row -> rows.get(row % rows.size()))
                            .toList();
                    long start = threads.getCurrentThreadCpuTime();
                    score(batch);
                    return threads.getCurrentThreadCpuTime() - start;
                }));
            } catch (ModelFailedException e) {
                // It cannot take many rows at a time. Batches on which it fails are halved, as far down as needed.
                LOG.warn("Calls of model '{}' are not cut to size: {}", card.name(), e.getMessage());
            }
        }
        return warmUp;
    }

    /** @param rows that a call has at most from now on */
    void cutInto(int rows) {
        callRows = rows;
    }

    /** Rows that a call has at most. */
    int callRows() {
        return callRows;
    }

    @Override
    public ModelCard card() {
        return card;
    }

    @Override
    public Prepared prepare(Object payload) {
        return preprocessor.prepare(payload);
    }

    @Override
    public List<Scores> score(List<Example> batch) {
        if (batch.isEmpty()) {
            throw new IllegalArgumentException("Cannot score an empty batch");
        }
        use.readLock().lock();
        try {
            if (closed) {
                throw new IllegalStateException(
                        "Cannot score with model '%s' version %d: it is closed".formatted(card.name(), card.version()));
            }
            return scoreInLane(batch);
        } catch (UnservableException e) {
            throw failed(batch, e.why(), e);
        } catch (TensorFlowFailure e) {
            throw failed(batch, e.words(), e);
        } finally {
            use.readLock().unlock();
        }
    }

    private List<Scores> scoreInLane(List<Example> batch) {
        Lane known = idle.poll();
        Lane lane = known == null ? new Lane() : known;
        try {
            return plan.varies() ? scoreByLength(batch, lane) : scoreInCalls(batch, lane);
        } finally {
            lane.bytes = lane.feeds.stream().mapToLong(Feed::bytes).sum();
            idle.push(lane);
        }
    }

    private ModelFailedException failed(List<Example> batch, String why, Exception cause) {
        return new ModelFailedException(
                "Cannot score %d rows with model '%s' version %d: %s"
                        .formatted(batch.size(), card.name(), card.version(), why),
                cause);
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
        int calls = (batch.size() - 1) / callRows + 1;
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
    public OptionalInt fixedRows() {
        return plan.rows();
    }

    @Override
    public long nativeBytes() {
        return fileBytes + lanes.stream().mapToLong(lane -> lane.bytes).sum();
    }

    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                lanes.forEach(Lane::close);
                session.close();
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
