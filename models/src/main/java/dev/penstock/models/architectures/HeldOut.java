package dev.penstock.models.architectures;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Examples in two: to train on, and to measure with. */
record HeldOut(List<TrainingExample> training, List<TrainingExample> heldOut) {
    HeldOut {
        training = List.copyOf(training);
        heldOut = List.copyOf(heldOut);
    }

    /** Takes the same share of each label, by the seed; what is left stays in order. */
    static HeldOut of(List<TrainingExample> examples, int labels, double share, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<TrainingExample> training = new ArrayList<>();
        List<TrainingExample> heldOut = new ArrayList<>();
        int[] left = counts(examples, labels);
        int[] wanted = new int[labels];
        for (int label = 0; label < labels; label++) {
            wanted[label] = (int) Math.round(share * left[label]);
        }
        // Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S), once for each label.
        for (TrainingExample example : examples) {
            int label = example.label();
            if (random.nextInt(left[label]) < wanted[label]) {
                wanted[label]--;
                heldOut.add(example);
            } else {
                training.add(example);
            }
            left[label]--;
        }
        return new HeldOut(training, heldOut);
    }

    static int[] counts(List<TrainingExample> examples, int labels) {
        int[] counts = new int[labels];
        for (TrainingExample example : examples) {
            if (example.label() >= labels) {
                throw new IllegalArgumentException(
                        "Cannot train on label %d: the model has %d".formatted(example.label(), labels));
            }
            counts[example.label()]++;
        }
        return counts;
    }
}
