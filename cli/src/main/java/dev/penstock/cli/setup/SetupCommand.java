package dev.penstock.cli.setup;

import picocli.CommandLine.Command;

/** {@code penstock setup}: what is done once for a cluster, and may be done again. */
@Command(
        name = "setup",
        description =
                "Makes what a cluster needs before the platform starts in it; what is there already stays as it is.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {SecretsCommand.class, ClusterCommand.class})
public final class SetupCommand {}
