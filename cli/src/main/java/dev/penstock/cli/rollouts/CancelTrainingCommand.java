package dev.penstock.cli.rollouts;

import dev.penstock.schemas.RolloutAction;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code penstock rollout cancel-training}. */
@Command(
        name = "cancel-training",
        description = "Ends the training of a model that is under way; nothing is published.",
        footer = {"%nExample:", "  penstock rollout cancel-training spam --reason \"labels are being corrected\""})
final class CancelTrainingCommand implements Callable<Integer> {
    @Mixin
    private final Order order = new Order();

    @Override
    public Integer call() throws InterruptedException {
        return order.give(RolloutAction.CANCEL_TRAINING, Optional.empty());
    }
}
