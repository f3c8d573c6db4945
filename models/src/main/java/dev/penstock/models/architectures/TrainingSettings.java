package dev.penstock.models.architectures;

/**
 * How to train.
 *
 * @param epochs how often every example is seen, 1 or more
 * @param batchSize examples a step, 1 or more
 * @param learningRate the highest, reached after a few steps, from which it then falls to a twentieth; a model whose
 *     training signature takes no learning rate keeps its own
 * @param heldOutShare of the examples that are never trained on and measured at the end, 0 (none) to 0.9
 * @param seed of first weights, order, dropout and of what is held out
 */
public record TrainingSettings(
        int epochs, int batchSize, double learningRate, ClassWeights classWeights, double heldOutShare, long seed) {
    public TrainingSettings {
        if (epochs < 1 || batchSize < 1) {
            throw new IllegalArgumentException(
                    "Cannot train for %d epochs in batches of %d: both must be 1 or more".formatted(epochs, batchSize));
        }
        if (!(learningRate > 0 && learningRate < 1)) {
            throw new IllegalArgumentException(
                    "Cannot train at a learning rate of %s: it must be between 0 and 1".formatted(learningRate));
        }
        if (!(heldOutShare >= 0 && heldOutShare <= 0.9)) {
            throw new IllegalArgumentException(
                    "Cannot hold out a share of %s: it must be between 0 and 0.9".formatted(heldOutShare));
        }
    }

    public TrainingSettings withSeed(long otherSeed) {
        return new TrainingSettings(epochs, batchSize, learningRate, classWeights, heldOutShare, otherSeed);
    }

    public TrainingSettings withEpochs(int otherEpochs) {
        return new TrainingSettings(otherEpochs, batchSize, learningRate, classWeights, heldOutShare, seed);
    }

    public TrainingSettings withHeldOutShare(double otherShare) {
        return new TrainingSettings(epochs, batchSize, learningRate, classWeights, otherShare, seed);
    }

    public TrainingSettings withLearningRate(double otherRate) {
        return new TrainingSettings(epochs, batchSize, otherRate, classWeights, heldOutShare, seed);
    }
}
