package dev.penstock.cli.rollouts;

import dev.penstock.schemas.RolloutAction;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code penstock rollout pause}. */
@Command(
        name = "pause",
        description = "Stops promotions of a model, until they are resumed. What is worse is still rolled back.",
        footer = {"%nExample:", "  penstock rollout pause spam --reason \"release freeze\""})
final class PauseCommand implements Callable<Integer> {
    @Mixin
    private final Order order = new Order();

    @Override
    public Integer call() throws InterruptedException {
        return order.give(RolloutAction.PAUSE, Optional.empty());
    }
}
