package dev.penstock.cli.rollouts;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock rollout}. */
@Command(
        name = "rollout",
        description = {
            "Shows which versions of models serve and how their trials go, and says what people want of that.",
            "Commands are written to topic rollout-commands with who gave them and why; what came of them is waited for."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock rollout status",
            "  penstock rollout promote spam --version 3 --reason \"checked by hand\"",
            "  penstock rollout roll-back spam --reason \"complaints since noon\""
        },
        subcommands = {
            StatusCommand.class,
            PromoteCommand.class,
            RollBackCommand.class,
            PauseCommand.class,
            ResumeCommand.class,
            TrainCommand.class,
            CancelTrainingCommand.class
        })
public final class RolloutsCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name one of its commands.");
    }
}
