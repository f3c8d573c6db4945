package dev.penstock.inference;

import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.inference.batching.Device;
import dev.penstock.inference.versions.ModelLoader;
import dev.penstock.models.Model;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.schemas.ModelVersion;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads announced versions into TensorFlow, for the batches of their pipelines. */
final class TensorFlowLoader implements ModelLoader {
    private static final Logger LOG = LoggerFactory.getLogger(TensorFlowLoader.class);
    /**
     * One model at a time is loaded in a process. Its tasks hear of a version at the same moment, and would leave no
     * processor to the requests that come meanwhile.
     */
    private static final Lock LOADING = new ReentrantLock(true);
    /** A model that loads for longer, perhaps for ever, is not waited for. */
    private static final Duration TURN = Duration.ofSeconds(30);

    private final Bundles bundles;
    private final List<PipelineBinding> pipelines;

    /** Where bundles come from. */
    interface Bundles extends Serializable {
        /** @throws IOException if it cannot be fetched now: worth another try */
        Bundle fetch(ModelVersion version) throws IOException;
    }

    /** @param pipelines all there are */
    TensorFlowLoader(Bundles bundles, List<PipelineBinding> pipelines) {
        this.bundles = bundles;
        this.pipelines = List.copyOf(pipelines);
    }

    @Override
    public Model load(ModelVersion version) throws IOException {
        // Not in turn: a bundle that does not come holds up no other.
        Bundle bundle = bundles.fetch(version);
        boolean isInTurn;
        try {
            isInTurn = LOADING.tryLock(TURN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted before %s was loaded".formatted(bundle));
        }
        try {
            return load(bundle);
        } finally {
            if (isInTurn) {
                LOADING.unlock();
            }
        }
    }

    private Model load(Bundle bundle) throws IOException {
        TensorFlowModel model = TensorFlowModel.load(bundle, TensorFlowRuntime.inCallingThread());
        try {
            Device device = device();
            List<BatchLimits> batches = pipelines.stream()
                    .filter(pipeline -> pipeline.model().equals(bundle.card().name()))
                    .map(pipeline -> pipeline.on(device).batching())
                    .toList();
            batches.stream()
                    .mapToInt(BatchLimits::cells)
                    .filter(cells -> cells > 0)
                    .min()
                    .ifPresent(model::cutIntoCells);
            model.warmUpFor(batches.stream().mapToInt(BatchLimits::rows).max().orElse(1));
            return model;
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    @Override
    public Device device() {
        try {
            return TensorFlowRuntime.inCallingThread().hasGpu() ? Device.GPU : Device.PROCESSOR;
        } catch (IllegalStateException e) {
            // No model will load either, and the alert that refuses it says why.
            LOG.warn("Batching as for a processor: {}", e.getMessage());
            return Device.PROCESSOR;
        }
    }

    @Override
    public void useGpus(Collection<String> indexes) {
        TensorFlowRuntime.restrictToGpus(indexes);
    }
}
