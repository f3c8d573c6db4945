package dev.penstock.models.preprocessing.image;

import dev.penstock.models.card.InputSpec.Image.Resize;
import dev.penstock.models.preprocessing.image.ImageScaler.Span;

/**
 * Along one side: which source pixels make each target pixel, and with what weights. Weights of a target add up to 1.
 *
 * @param first source pixel of each target pixel's first weight
 * @param width weights that each target pixel has; those that it does not need are 0
 * @param weights {@code [targets, width]}
 */
@SuppressWarnings("ArrayRecordComponent") // Made for one image and read by one loop.
record Taps(int[] first, int width, float[] weights) {
    /** Source positions are computed in float32, as TensorFlow's kernels do, so that ties fall on the same side. */
    static Taps of(Span span, Resize resize) {
        float scale = span.sourceSize() / (float) span.targetSize();
        return switch (resize) {
            case NEAREST -> nearest(span, scale);
            case BILINEAR -> bilinear(span, scale);
            case AREA -> area(span, scale);
        };
    }

    private static Taps nearest(Span span, float scale) {
        int[] first = new int[span.targetSize()];
        float[] weights = new float[span.targetSize()];
        for (int target = 0; target < first.length; target++) {
            int source = (int) Math.floor((target + 0.5f) * scale);
            first[target] = span.sourceStart() + Math.min(source, span.sourceSize() - 1);
            weights[target] = 1;
        }
        return new Taps(first, 1, weights);
    }

    private static Taps bilinear(Span span, float scale) {
        int last = span.sourceSize() - 1;
        int[] first = new int[span.targetSize()];
        float[] weights = new float[2 * span.targetSize()];
        for (int target = 0; target < first.length; target++) {
            float position = (target + 0.5f) * scale - 0.5f;
            int lower = (int) Math.max(0, Math.floor(position));
            // At both edges the outermost pixel counts alone.
            float upperWeight = position < 0 || lower >= last ? 0 : position - lower;
            first[target] = span.sourceStart() + Math.min(lower, last);
            weights[2 * target] = 1 - upperWeight;
            weights[2 * target + 1] = upperWeight;
        }
        return new Taps(first, 2, weights);
    }

    private static Taps area(Span span, float scale) {
        int width = (int) Math.ceil(scale) + 1;
        int[] first = new int[span.targetSize()];
        float[] weights = new float[width * span.targetSize()];
        for (int target = 0; target < first.length; target++) {
            float start = target * scale;
            float end = Math.min(span.sourceSize(), (target + 1) * scale);
            int from = Math.min((int) Math.floor(start), span.sourceSize() - 1);
            first[target] = span.sourceStart() + from;
            float sum = 0;
            for (int tap = 0; tap < width; tap++) {
                float covered = Math.max(0, Math.min(end, from + tap + 1f) - Math.max(start, from + tap));
                weights[width * target + tap] = covered;
                sum += covered;
            }
            for (int tap = 0; tap < width; tap++) {
                weights[width * target + tap] /= sum;
            }
        }
        return new Taps(first, width, weights);
    }
}
