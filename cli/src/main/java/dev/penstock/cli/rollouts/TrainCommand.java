package dev.penstock.cli.rollouts;

import dev.penstock.schemas.RolloutAction;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code penstock rollout train}. */
@Command(
        name = "train",
        description = "Trains a new version of a model from the labels there are, without waiting for more.",
        footer = {"%nExample:", "  penstock rollout train spam --reason \"a new campaign began\""})
final class TrainCommand implements Callable<Integer> {
    @Mixin
    private final Order order = new Order();

    @Override
    public Integer call() throws InterruptedException {
        return order.give(RolloutAction.TRAIN, Optional.empty());
    }
}
