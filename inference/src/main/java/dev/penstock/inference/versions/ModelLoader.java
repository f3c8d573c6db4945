package dev.penstock.inference.versions;

import dev.penstock.inference.batching.Device;
import dev.penstock.models.Model;
import dev.penstock.schemas.ModelVersion;
import java.io.IOException;
import java.io.Serializable;
import java.util.Collection;

/** Fetches, verifies, loads and warms one version. Slow: never on the task thread. */
public interface ModelLoader extends Serializable {
    /**
     * @return ready to score; the caller closes it
     * @throws dev.penstock.models.ModelRefusedException if this version can never serve here
     * @throws dev.penstock.models.bundle.BundleRefusedException if its bundle is not sound
     * @throws IOException if it cannot be fetched now: worth another try
     */
    Model load(ModelVersion version) throws IOException;

    /** What loaded models run on, where this is called. */
    default Device device() {
        return Device.PROCESSOR;
    }

    /**
     * Says which GPUs this process was given; called before anything is loaded.
     *
     * @param indexes as CUDA counts devices from 0; none: models run on the processor
     */
    default void useGpus(Collection<String> indexes) {}
}
