package dev.penstock.models.tensorflow;

import dev.penstock.models.Model;
import dev.penstock.models.ModelFailedException;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.Scores;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.models.preprocessing.Preprocessor;
import dev.penstock.models.preprocessing.Preprocessors;
import dev.penstock.schemas.GoldenExample;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.proto.MetaGraphDef;

/**
 * A SavedModel in this process: whatever TensorFlow exported it, and in whatever shape. Threads that score at the same
 * time share the graph and its variables; each has native memory of its own for what it feeds.
 */
public final class TensorFlowModel implements Model {
    private static final Logger LOG = LoggerFactory.getLogger(TensorFlowModel.class);

    private final ModelCard card;
    private final String graphDigest;
    private final String signature;
    private final Preprocessor preprocessor;
    private final List<GoldenExample> goldenExamples;
    private final NativeSession session;
    private final ModelCalls calls;
    private final TensorFlowRuntime runtime;
    private final long fileBytes;
    /** Shared by whoever scores; closing waits for them. */
    private final ReadWriteLock use = new ReentrantReadWriteLock();

    private boolean closed;

    private TensorFlowModel(
            Bundle bundle,
            String signature,
            Preprocessor preprocessor,
            NativeSession session,
            ModelCalls calls,
            TensorFlowRuntime runtime,
            long fileBytes) {
        card = bundle.card();
        graphDigest = bundle.graphDigest();
        this.signature = signature;
        goldenExamples = bundle.goldenExamples();
        this.preprocessor = preprocessor;
        this.session = session;
        this.calls = calls;
        this.runtime = runtime;
        this.fileBytes = fileBytes;
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
            return load(bundle, signature, preprocessor, runtime, graph, plan);
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
            Bundle bundle,
            String signature,
            Preprocessor preprocessor,
            TensorFlowRuntime runtime,
            MetaGraphDef graph,
            ServingPlan plan)
            throws IOException {
        Path directory = bundle.savedModel();
        NativeSession session = NativeSession.load(directory, MetaGraphs.tagsOf(graph), runtime.sessionConfig());
        try {
            TableInitialiser.run(graph, directory, session);
            plan.requireTypes(session);
            long fileBytes = bytesOf(directory);
            ModelCalls calls = new ModelCalls(plan, session);
            return new TensorFlowModel(bundle, signature, preprocessor, session, calls, runtime, fileBytes);
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
     * Warms up, and finds out how many rows a call should have, unless that is known of a version with the same graph.
     * Batches are cut into such calls then.
     *
     * @param most rows that it will be asked for at a time
     * @throws ModelRefusedException if a call fails or an answer differs
     */
    public WarmUp warmUpFor(int most) {
        WarmUp warmUp = warmUp();
        // Of a call on other threads the calling one's processor time says nothing; and rows that the graph has built
        // in are no choice.
        if (runtime.isInCallingThread() && fixedRows().isEmpty()) {
            try {
                cutIntoBest(most);
            } catch (ModelFailedException e) {
                // It cannot take many rows at a time. Batches on which it fails are halved, as far down as needed.
                LOG.warn("Calls of model '{}' are not cut to size: {}", card.name(), e.getMessage());
            }
        }
        return warmUp;
    }

    private void cutIntoBest(int most) {
        List<Example> rows = WarmUp.rows(this, goldenExamples);
        CallSizes.Subject subject = new CallSizes.Subject(graphDigest, signature, card.inputs(), card.outputs(), most);
        OptionalInt known = runtime.callSizes().of(subject);
        if (known.isPresent()) {
            cutInto(known.getAsInt());
            // Its memory is there when the first real batch comes.
            score(repeated(rows, known.getAsInt()));
            return;
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        int measured = CallSize.measured(most, count -> {
            List<Example> batch = repeated(rows, count);
            long start = threads.getCurrentThreadCpuTime();
            score(batch);
            return threads.getCurrentThreadCpuTime() - start;
        });
        cutInto(measured);
        runtime.callSizes().keep(subject, measured);
    }

    private static List<Example> repeated(List<Example> rows, int count) {
        return IntStream.range(0, count)
                .mapToObj(row -> rows.get(row % rows.size()))
                .toList();
    }

    /**
     * Bounds the calls of a model whose texts are padded to different lengths.
     *
     * @param cells that a call has at most from now on, rows times their length; a row alone may have more
     */
    public void cutIntoCells(int cells) {
        calls.cutIntoCells(cells);
    }

    /** @param rows that a call has at most from now on */
    void cutInto(int rows) {
        calls.cutInto(rows);
    }

    /** Rows that a call has at most. */
    int callRows() {
        return calls.mostRows();
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
            return calls.score(batch);
        } catch (UnservableException e) {
            throw failed(batch, e.why(), e);
        } catch (TensorFlowFailure e) {
            throw failed(batch, e.words(), e);
        } finally {
            use.readLock().unlock();
        }
    }

    private ModelFailedException failed(List<Example> batch, String why, Exception cause) {
        return new ModelFailedException(
                "Cannot score %d rows with model '%s' version %d: %s"
                        .formatted(batch.size(), card.name(), card.version(), why),
                cause);
    }

    @Override
    public OptionalInt fixedRows() {
        return calls.fixedRows();
    }

    @Override
    public long nativeBytes() {
        return fileBytes + calls.bytes();
    }

    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                calls.close();
                session.close();
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
