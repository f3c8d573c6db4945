package dev.penstock.bench.variants;

import dev.penstock.models.bundle.Bundle;
import dev.penstock.schemas.InferenceRequest;

/** No model at all: what is left is the cost of moving records. */
final class ConstantPredictor implements Predictor {
    private final float[] scores;

    ConstantPredictor(int labels) {
        scores = new float[labels];
        scores[0] = 1;
    }

    static ConstantPredictor open(Setting setting) throws Exception {
        return new ConstantPredictor(
                Bundle.open(setting.bundle()).card().labels().size());
    }

    @Override
    public float[] scores(InferenceRequest request) {
        return scores;
    }

    @Override
    public void close() {}
}
