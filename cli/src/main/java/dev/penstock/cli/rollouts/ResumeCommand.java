package dev.penstock.cli.rollouts;

import dev.penstock.schemas.RolloutAction;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code penstock rollout resume}. */
@Command(
        name = "resume",
        description = "Lets versions of a model be promoted again.",
        footer = {"%nExample:", "  penstock rollout resume spam --reason \"the freeze is over\""})
final class ResumeCommand implements Callable<Integer> {
    @Mixin
    private final Order order = new Order();

    @Override
    public Integer call() throws InterruptedException {
        return order.give(RolloutAction.RESUME, Optional.empty());
    }
}
