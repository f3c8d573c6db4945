package dev.penstock.cli.models;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock models}. */
@Command(
        name = "models",
        description = "Inspects, signs and publishes models, and shows what is published and what became of it.",
        footerHeading = "%nExample, from any SavedModel to a version that serves:%n",
        footer = {
            "  penstock models inspect my-model/ --write-card card.yaml",
            "  $EDITOR card.yaml",
            "  penstock models import my-model/ --card card.yaml --version next"
        },
        subcommands = {
            ImportCommand.class,
            ListCommand.class,
            ShowCommand.class,
            HistoryCommand.class,
            InspectCommand.class,
            SignCommand.class,
            VerifyCommand.class
        })
public final class ModelsCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name one of its commands.");
    }
}
