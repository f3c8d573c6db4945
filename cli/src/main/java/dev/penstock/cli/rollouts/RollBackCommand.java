package dev.penstock.cli.rollouts;

import dev.penstock.schemas.RolloutAction;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code penstock rollout roll-back}. */
@Command(
        name = "roll-back",
        description = {
            "Ends the trial of a version at once; nothing has to be loaded for that.",
            "Where none is on trial, or the champion is named, the champion before it serves again."
        },
        footer = {"%nExample:", "  penstock rollout roll-back spam --reason \"complaints since noon\""})
final class RollBackCommand implements Callable<Integer> {
    @Mixin
    private final Order order = new Order();

    @Mixin
    private final ChosenVersion chosen = new ChosenVersion();

    @Override
    public Integer call() throws InterruptedException {
        return order.give(RolloutAction.ROLL_BACK, chosen.version());
    }
}
