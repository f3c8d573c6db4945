package dev.penstock.bench.workloads;

import dev.penstock.models.bundle.Bundle;
import dev.penstock.schemas.Modality;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A network and what it is asked about. The same on every machine: weights and payloads come from fixed seeds. */
public interface Workload {
    /** As on the command line; model and pipeline are called so too. */
    String name();

    /** For people: layers and sizes. */
    String description();

    Modality modality();

    /** How much work one row is. */
    Weight weight();

    /** How much work one row is: whether moving it costs more than scoring it. */
    enum Weight {
        LIGHT,
        HEAVY
    }

    /** Payloads of requests, to be sent over and over in this order. */
    List<Object> payloads();

    /**
     * Makes the model.
     *
     * @param directory to write the bundle into; it is not there yet
     */
    Bundle build(Path directory) throws IOException;

    /** The same network as an ONNX model, where one can be written. */
    default Optional<byte[]> onnx() {
        return Optional.empty();
    }
}
