package dev.penstock.cli.rollouts;

import dev.penstock.schemas.RolloutAction;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code penstock rollout promote}. */
@Command(
        name = "promote",
        description = {
            "Makes a version the champion at once, whatever the evidence says.",
            "A version that was rolled back or retired may be promoted; one that its training refused may not."
        },
        footer = {"%nExample:", "  penstock rollout promote spam --version 3 --reason \"checked by hand\""})
final class PromoteCommand implements Callable<Integer> {
    @Mixin
    private final Order order = new Order();

    @Mixin
    private final ChosenVersion chosen = new ChosenVersion();

    @Override
    public Integer call() throws InterruptedException {
        return order.give(RolloutAction.PROMOTE, chosen.version());
    }
}
