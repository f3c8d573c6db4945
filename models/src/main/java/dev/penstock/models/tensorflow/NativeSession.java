package dev.penstock.models.tensorflow;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_CloseSession;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteGraph;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteSession;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteSessionOptions;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteStatus;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteTensor;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_GraphOperationByName;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_LoadSessionFromSavedModel;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NewGraph;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NewSessionOptions;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_NewStatus;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_OperationNumOutputs;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_OperationOutputType;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_SessionRun;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_SetConfig;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Operation;
import org.tensorflow.internal.c_api.TF_Output;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_SessionOptions;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.TF_Tensor;

/**
 * A loaded graph with its variables, through TensorFlow's C API. The Java API above it reads every signature when it
 * loads a model, and refuses all for one that it does not understand; and it makes new tensors and argument arrays for
 * each call, which costs more than a small network.
 *
 * <p>Calls of one session may run side by side; everything else is for one thread at a time.
 */
final class NativeSession implements AutoCloseable {
    private final TF_Graph graph;
    private final TF_Session session;
    private final TF_Status status;

    private NativeSession(TF_Graph graph, TF_Session session, TF_Status status) {
        this.graph = graph;
        this.session = session;
        this.status = status;
    }

    /**
     * Loads a graph, restores its variables and runs its initialiser.
     *
     * @throws TensorFlowFailure with TensorFlow's own words
     */
    static NativeSession load(Path directory, Collection<String> tags, byte[] config) {
        TF_Status status = TF_NewStatus();
        TF_Graph graph = TF_NewGraph();
        TF_SessionOptions options = TF_NewSessionOptions();
        TF_Session session = null;
        try (PointerScope scope = new PointerScope()) {
            BytePointer configBytes = new BytePointer(config);
            TF_SetConfig(options, configBytes, config.length, status);
            TensorFlowFailure.requireOk(status);
            BytePointer[] tagBytes = tags.stream().map(NativeSession::text).toArray(BytePointer[]::new);
            TF_Session loaded = TF_LoadSessionFromSavedModel(
                    options,
                    (TF_Buffer) null,
                    text(directory.toString()),
                    new PointerPointer<BytePointer>(tagBytes),
                    tagBytes.length,
                    graph,
                    (TF_Buffer) null,
                    status);
            TensorFlowFailure.requireOk(status);
            session = loaded;
            return new NativeSession(graph, session, status);
        } finally {
            TF_DeleteSessionOptions(options);
            if (session == null) {
                TF_DeleteGraph(graph);
                TF_DeleteStatus(status);
            }
        }
    }

    private static BytePointer text(String text) {
        return new BytePointer(text, StandardCharsets.UTF_8);
    }

    /** Where a tensor is in the graph. */
    record Place(TF_Operation operation, int output) {}

    /**
     * @param tensorName as in a signature: {@code operation:output}
     * @throws UnservableException if there is no such tensor
     */
    Place place(String tensorName) {
        TensorName name = TensorName.of(tensorName).orElseThrow(() -> noTensor(tensorName));
        TF_Operation operation = operation(name.operation());
        if (name.output() >= TF_OperationNumOutputs(operation)) {
            throw noTensor(tensorName);
        }
        return new Place(operation, name.output());
    }

    private static UnservableException noTensor(String name) {
        return new UnservableException("its graph has no tensor '%s'; export the model anew".formatted(name));
    }

    private TF_Operation operation(String name) {
        try (PointerScope scope = new PointerScope()) {
            TF_Operation operation = TF_GraphOperationByName(graph, text(name));
            if (operation == null || operation.isNull()) {
                throw new UnservableException("its graph has no operation '%s'; export the model anew".formatted(name));
            }
            return operation;
        }
    }

    /** The number of its element type in the C API. */
    int elementType(Place place) {
        try (PointerScope scope = new PointerScope()) {
            return TF_OperationOutputType(array(List.of(place)));
        }
    }

    private static TF_Output array(List<Place> places) {
        TF_Output array = new TF_Output(Math.max(places.size(), 1));
        for (int index = 0; index < places.size(); index++) {
            array.position(index)
                    .oper(places.get(index).operation())
                    .index(places.get(index).output());
        }
        return array.position(0);
    }

    /** Runs operations that give nothing back, such as those that fill tables. */
    void initialise(List<String> operations, List<Place> feeds, List<TF_Tensor> values) {
        try (PointerScope scope = new PointerScope()) {
            TF_Operation[] targets = operations.stream().map(this::operation).toArray(TF_Operation[]::new);
            TF_SessionRun(
                    session,
                    (TF_Buffer) null,
                    array(feeds),
                    new PointerPointer<TF_Tensor>(values.toArray(TF_Tensor[]::new)),
                    feeds.size(),
                    array(List.of()),
                    new PointerPointer<TF_Tensor>(1),
                    0,
                    new PointerPointer<TF_Operation>(targets),
                    targets.length,
                    (TF_Buffer) null,
                    status);
            TensorFlowFailure.requireOk(status);
        }
    }

    /** A call that is made again and again: its native arguments are written once. The caller closes it. */
    Call call(List<Place> feeds, List<Place> fetches) {
        return new Call(feeds, fetches);
    }

    /** For one thread at a time: native arguments that two threads write end the process. */
    final class Call implements AutoCloseable {
        private final TF_Status outcome = TF_NewStatus();
        private final int feedCount;
        private final int fetchCount;
        private final TF_Output feeds;
        private final TF_Output fetches;
        private final PointerPointer<TF_Tensor> inputs;
        private final PointerPointer<TF_Tensor> outputs;

        private Call(List<Place> feeds, List<Place> fetches) {
            feedCount = feeds.size();
            fetchCount = fetches.size();
            this.feeds = kept(array(feeds));
            this.fetches = kept(array(fetches));
            inputs = kept(new PointerPointer<>(feedCount));
            outputs = kept(new PointerPointer<>(fetchCount));
        }

        /** Out of reach of whatever scope the calling thread may have open. */
        private static <P extends Pointer> P kept(P pointer) {
            pointer.retainReference();
            return pointer;
        }

        /**
         * @param values one per feed, in order
         * @return one per fetch, in order; the caller deletes them
         * @throws TensorFlowFailure with TensorFlow's own words
         */
        TF_Tensor[] run(TF_Tensor[] values) {
            for (int index = 0; index < feedCount; index++) {
                inputs.put(index, values[index]);
            }
            for (int index = 0; index < fetchCount; index++) {
                outputs.put(index, (Pointer) null);
            }
            TF_SessionRun(
                    session,
                    (TF_Buffer) null,
                    feeds,
                    inputs,
                    feedCount,
                    fetches,
                    outputs,
                    fetchCount,
                    (PointerPointer<?>) null,
                    0,
                    (TF_Buffer) null,
                    outcome);
            TensorFlowFailure.requireOk(outcome);
            TF_Tensor[] results = new TF_Tensor[fetchCount];
            for (int index = 0; index < fetchCount; index++) {
                results[index] = outputs.get(TF_Tensor.class, index);
            }
            return results;
        }

        @Override
        public void close() {
            for (Pointer pointer : List.of(feeds, fetches, inputs, outputs)) {
                pointer.releaseReference();
            }
            TF_DeleteStatus(outcome);
        }
    }

    static void delete(@Nullable TF_Tensor tensor) {
        if (tensor != null && !tensor.isNull()) {
            TF_DeleteTensor(tensor);
        }
    }

    /** Frees the graph and its variables. */
    @Override
    public void close() {
        TF_CloseSession(session, status);
        TF_DeleteSession(session, status);
        TF_DeleteGraph(graph);
        TF_DeleteStatus(status);
    }
}
