package dev.penstock.cli.keys;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock keys}. */
@Command(
        name = "keys",
        description = "Makes keys to sign models with, and shows which are trusted.",
        footerHeading = "%nExample, from a key to a version that jobs trust:%n",
        footer = {
            "  penstock keys generate release",
            "  cp release.pub /etc/penstock/trusted-keys/     # on every machine that runs jobs",
            "  penstock models import my-model/ --card card.yaml --key release.key"
        },
        subcommands = {GenerateCommand.class, ListKeysCommand.class})
public final class KeysCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name one of its commands.");
    }
}
