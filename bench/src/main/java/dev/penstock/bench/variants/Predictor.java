package dev.penstock.bench.variants;

import dev.penstock.schemas.InferenceRequest;
import java.io.Serializable;

/** A model that is asked about one record at a time. For one thread; whoever opens it closes it. */
interface Predictor extends AutoCloseable {
    /** The scores of the labels, in their order. The array is the predictor's: it holds until the next call. */
    float[] scores(InferenceRequest request);

    @Override
    void close();

    /** Shipped to the task that opens it. */
    interface Factory extends Serializable {
        Predictor open(Setting setting) throws Exception;
    }
}
