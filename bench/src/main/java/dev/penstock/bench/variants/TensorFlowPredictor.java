package dev.penstock.bench.variants;

import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.card.OutputSpec;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.models.preprocessing.Preprocessor;
import dev.penstock.models.preprocessing.Preprocessors;
import dev.penstock.schemas.InferenceRequest;
import java.io.IOException;
import java.util.List;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Tensor;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;

/** TensorFlow Java as its guides show it: a SavedModel's signature, a new tensor for each call. */
final class TensorFlowPredictor implements Predictor {
    private final SavedModelBundle model;
    private final Preprocessor preprocessor;
    private final InputTensors inputs;
    private final Output<?> input;
    private final Output<?> output;
    private final float[] scores;

    private TensorFlowPredictor(Bundle bundle, ConfigProto threads) {
        this.model = SavedModelBundle.loader(bundle.savedModel().toString())
                .withTags("serve")
                .withConfigProto(threads)
                .load();
        this.preprocessor = Preprocessors.of(bundle.card(), bundle.directory());
        this.inputs = new InputTensors(model.metaGraphDef().getSignatureDefOrThrow("serving_default"), bundle.card());
        this.input = tensor(inputs.name());
        this.output = tensor(model.metaGraphDef()
                .getSignatureDefOrThrow("serving_default")
                .getOutputsOrThrow(bundle.card().outputs().stream()
                        .filter(OutputSpec::deciding)
                        .findFirst()
                        .orElseThrow()
                        .name())
                .getName());
        this.scores = new float[bundle.card().labels().size()];
    }

    /** Threads as TensorFlow chooses them. */
    static TensorFlowPredictor withDefaults(Setting setting) throws IOException {
        return new TensorFlowPredictor(Bundle.open(setting.bundle()), ConfigProto.getDefaultInstance());
    }

    /** Kernels run in the thread that calls. */
    static TensorFlowPredictor inCallingThread(Setting setting) throws IOException {
        return new TensorFlowPredictor(Bundle.open(setting.bundle()), callingThread());
    }

    /** Found once: by name TensorFlow would look for it at each call. */
    private Output<?> tensor(String name) {
        String[] parts = name.split(":", -1);
        return model.graph().operationOrThrow(parts[0]).output(parts.length == 1 ? 0 : Integer.parseInt(parts[1]));
    }

    static ConfigProto callingThread() {
        return ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(1)
                .setInterOpParallelismThreads(-1)
                .build();
    }

    @Override
    public float[] scores(InferenceRequest request) {
        if (!(preprocessor.prepare(request.getPayload()) instanceof Prepared.Ready ready)) {
            throw new IllegalStateException("Cannot score request " + request.getRequestId());
        }
        try (Tensor row = inputs.of(List.of(ready.example()));
                Result result =
                        model.session().runner().feed(input, row).fetch(output).run()) {
            ((TFloat32) result.get(0)).asRawTensor().data().asFloats().read(scores);
            return scores;
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
