package dev.penstock.bench.variants;

import dev.penstock.bench.workloads.Workload;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.models.preprocessing.Preprocessor;
import dev.penstock.models.preprocessing.Preprocessors;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Tensor;
import org.tensorflow.proto.SignatureDef;

/**
 * TensorFlow alone, as fast as this machine runs the model: no Kafka, no payloads, tensors made beforehand; a model for
 * each core, kernels in the thread that calls.
 */
public final class RawTensorFlow {
    private static final int ROWS = 128;
    /** Batches differ, since texts differ in length. */
    private static final int BATCHES = 8;

    private RawTensorFlow() {}

    /** @return rows a second, all threads together */
    public static double rate(Setting setting, Workload workload, Duration warmUp, Duration time)
            throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(setting.slots());
        try {
            List<Callable<Double>> loops = new ArrayList<>();
            for (int thread = 0; thread < setting.slots(); thread++) {
                loops.add(() -> loop(setting, workload, warmUp, time));
            }
            double rate = 0;
            for (Future<Double> loop : threads.invokeAll(loops)) {
                rate += loop.get();
            }
            return rate;
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot run TensorFlow alone: " + e.getCause().getMessage(), e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private static double loop(Setting setting, Workload workload, Duration warmUp, Duration time) throws IOException {
        Bundle bundle = Bundle.open(setting.bundle());
        List<Tensor> batches = new ArrayList<>();
        try (SavedModelBundle model = SavedModelBundle.loader(
                        bundle.savedModel().toString())
                .withTags("serve")
                .withConfigProto(TensorFlowPredictor.callingThread())
                .load()) {
            SignatureDef signature = model.metaGraphDef().getSignatureDefOrThrow("serving_default");
            InputTensors inputs = new InputTensors(signature, bundle.card());
            String output = signature
                    .getOutputsOrThrow(bundle.card().outputs().get(0).name())
                    .getName();
            List<Example> rows = rows(bundle, workload.payloads());
            for (int batch = 0; batch < BATCHES; batch++) {
                batches.add(inputs.of(rows.subList(batch * ROWS, (batch + 1) * ROWS)));
            }
            run(model, inputs.name(), batches, output, warmUp);
            return run(model, inputs.name(), batches, output, time);
        } finally {
            batches.forEach(Tensor::close);
        }
    }

    private static double run(
            SavedModelBundle model, String input, List<Tensor> batches, String output, Duration time) {
        long start = System.nanoTime();
        long calls = 0;
        while (System.nanoTime() - start < time.toNanos()) {
            Tensor batch = batches.get((int) (calls++ % batches.size()));
            try (Result result =
                    model.session().runner().feed(input, batch).fetch(output).run()) {
                if (result.get(0).shape().get(0) != ROWS) {
                    throw new IllegalStateException(
                            "Cannot count a call that answered " + result.get(0).shape());
                }
            }
        }
        return calls * (double) ROWS / (System.nanoTime() - start) * 1e9;
    }

    private static List<Example> rows(Bundle bundle, List<Object> payloads) {
        Preprocessor preprocessor = Preprocessors.of(bundle.card(), bundle.directory());
        List<Example> rows = new ArrayList<>();
        for (int row = 0; row < BATCHES * ROWS; row++) {
            if (preprocessor.prepare(payloads.get(row % payloads.size())) instanceof Prepared.Ready ready) {
                rows.add(ready.example());
            } else {
                throw new IllegalStateException("Cannot prepare payload %d of '%s'"
                        .formatted(row, bundle.card().name()));
            }
        }
        return rows;
    }
}
