package dev.penstock.cli.letters;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock dead-letters}. */
@Command(
        name = "dead-letters",
        description = {
            "Shows records that could not be used and why, and sends them again once the reason is gone.",
            "A letter has the original's key, bytes and headers. It stays in its topic, whatever is done with it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock dead-letters list --since 2h",
            "  penstock dead-letters show 0:1500",
            "  penstock dead-letters replay --pipeline spam --reason MODEL_FAILED --dry-run"
        },
        subcommands = {ListLettersCommand.class, ShowLetterCommand.class, ReplayCommand.class})
public final class DeadLettersCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name one of its commands.");
    }
}
