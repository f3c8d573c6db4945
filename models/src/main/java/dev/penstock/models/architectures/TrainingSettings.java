package dev.penstock.models.architectures;

/**
 * How to train.
 *
 * @param epochs how often every example is seen, 1 or more
 * @param batchSize examples a step, 1 or more
 * @param learningRate the highest of the schedule; a model whose training signature takes no learning rate keeps its own
 * @param heldOutShare of the examples that are never trained on and measured at the end, 0 (none) to 0.9
 * @param seed of first weights, order, dropout and of what is held out
 * @param dutyCycle share of the time that may be worked, above 0 to 1: after each step the thread rests for the rest
 */
public record TrainingSettings(
        int epochs,
        int batchSize,
        double learningRate,
        ClassWeights classWeights,
        double heldOutShare,
        long seed,
        Schedule schedule,
        EarlyStopping earlyStopping,
        double dutyCycle) {
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
        if (!(dutyCycle > 0 && dutyCycle <= 1)) {
            throw new IllegalArgumentException(
                    "Cannot train for a share of %s of the time: it must be above 0 and 1 at most"
                            .formatted(dutyCycle));
        }
    }

    /** With the usual schedule, in every epoch, all of the time. */
    public TrainingSettings(
            int epochs, int batchSize, double learningRate, ClassWeights classWeights, double heldOutShare, long seed) {
        this(
                epochs,
                batchSize,
                learningRate,
                classWeights,
                heldOutShare,
                seed,
                Schedule.usual(),
                EarlyStopping.never(),
                1);
    }

    public TrainingSettings withSeed(long other) {
        return new TrainingSettings(
                epochs, batchSize, learningRate, classWeights, heldOutShare, other, schedule, earlyStopping, dutyCycle);
    }

    public TrainingSettings withEpochs(int other) {
        return new TrainingSettings(
                other, batchSize, learningRate, classWeights, heldOutShare, seed, schedule, earlyStopping, dutyCycle);
    }

    public TrainingSettings withHeldOutShare(double other) {
        return new TrainingSettings(
                epochs, batchSize, learningRate, classWeights, other, seed, schedule, earlyStopping, dutyCycle);
    }

    public TrainingSettings withLearningRate(double other) {
        return new TrainingSettings(
                epochs, batchSize, other, classWeights, heldOutShare, seed, schedule, earlyStopping, dutyCycle);
    }

    public TrainingSettings withClassWeights(ClassWeights other) {
        return new TrainingSettings(
                epochs, batchSize, learningRate, other, heldOutShare, seed, schedule, earlyStopping, dutyCycle);
    }

    public TrainingSettings withSchedule(Schedule other) {
        return new TrainingSettings(
                epochs, batchSize, learningRate, classWeights, heldOutShare, seed, other, earlyStopping, dutyCycle);
    }

    public TrainingSettings withEarlyStopping(EarlyStopping other) {
        return new TrainingSettings(
                epochs, batchSize, learningRate, classWeights, heldOutShare, seed, schedule, other, dutyCycle);
    }

    public TrainingSettings withDutyCycle(double other) {
        return new TrainingSettings(
                epochs, batchSize, learningRate, classWeights, heldOutShare, seed, schedule, earlyStopping, other);
    }
}
