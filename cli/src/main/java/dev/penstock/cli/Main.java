package dev.penstock.cli;

import dev.penstock.cli.access.AccessCommand;
import dev.penstock.cli.demo.DemoCommand;
import dev.penstock.cli.demo.StreamCommand;
import dev.penstock.cli.doctor.DoctorCommand;
import dev.penstock.cli.feedback.FeedbackCommand;
import dev.penstock.cli.keys.KeysCommand;
import dev.penstock.cli.letters.DeadLettersCommand;
import dev.penstock.cli.models.ModelsCommand;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.platform.UpCommand;
import dev.penstock.cli.rollouts.RolloutsCommand;
import dev.penstock.cli.sending.SendCommand;
import dev.penstock.cli.setup.SetupCommand;
import dev.penstock.cli.topics.Subjects;
import dev.penstock.cli.topics.TopicsCommand;
import dev.penstock.cli.transactions.TransactionsCommand;
import dev.penstock.cli.watching.WatchCommand;
import dev.penstock.schemas.configuration.InvalidConfigurationException;
import dev.penstock.schemas.wire.RegistryUnavailableException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: {@code penstock COMMAND}. */
@Command(
        name = "penstock",
        description = "Streaming inference on Kafka: every event scored, every decision answered for.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = "%nBeside these, 'penstock bench' measures the inference job on this machine.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:All is well.",
            "1:Something that the command needs did not work.",
            "2:The command line or a configuration file is wrong.",
            "3:What the command checked does not hold."
        },
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            SendCommand.class,
            FeedbackCommand.class,
            WatchCommand.class,
            TopicsCommand.class,
            ModelsCommand.class,
            RolloutsCommand.class,
            KeysCommand.class,
            DeadLettersCommand.class,
            TransactionsCommand.class,
            AccessCommand.class,
            DoctorCommand.class,
            SetupCommand.class,
            StreamCommand.class
        })
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);
    private static final int MOST_SUGGESTIONS = 3;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** @return the exit code, one of {@link ExitCode} */
    static int run(String... arguments) {
        return commandLine().execute(arguments);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setColorScheme(Help.defaultColorScheme(Help.Ansi.AUTO))
                .setParameterExceptionHandler(Main::refuse)
                .setExecutionExceptionHandler(Main::explain);
    }

    /** One sentence: the whole usage would hide what is wrong. */
    private static int refuse(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr()
                .println(command.getColorScheme()
                        .errorText("Cannot run '%s': %s".formatted(name, reason(failure, arguments))));
        command.getErr().println("What it takes: %s --help".formatted(name));
        LOG.debug("The command line was refused", failure);
        return ExitCode.MISUSED;
    }

    private static String reason(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        if (failure instanceof UnmatchedArgumentException unmatched) {
            return unmatched(unmatched);
        }
        if (failure instanceof MissingParameterException) {
            // A mistyped option is reported as what is then missing.
            Optional<String> unknown = Arrays.stream(arguments)
                    .filter(argument -> argument.startsWith("--"))
                    .map(argument -> argument.split("=", 2)[0])
                    .filter(option -> !command.getCommandSpec().optionsMap().containsKey(option))
                    .findFirst();
            if (unknown.isPresent()) {
                return unmatched(new UnmatchedArgumentException(command, List.of(unknown.get())));
            }
        } else if (failure.getArgSpec() == null && !command.getSubcommands().isEmpty()) {
            return "it needs a command; name one of %s"
                    .formatted(String.join(", ", command.getSubcommands().keySet()));
        }
        String message = String.valueOf(failure.getMessage());
        return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }

    private static String unmatched(UnmatchedArgumentException failure) {
        String argument = failure.getUnmatched().get(0);
        String what = failure.getCommandLine().getSubcommands().isEmpty() ? "place for" : "command";
        List<String> near =
                failure.getSuggestions().stream().limit(MOST_SUGGESTIONS).toList();
        return "it has no %s '%s'; %s"
                .formatted(
                        failure.isUnknownOption() ? "option" : what,
                        argument,
                        near.isEmpty() ? "leave it out" : "did you mean %s?".formatted(String.join(" or ", near)));
    }

    private static int explain(Exception failure, CommandLine command, ParseResult parsed) {
        Help.ColorScheme colors = command.getColorScheme();
        if (failure instanceof CommandException expected) {
            command.getErr().println(colors.errorText(String.valueOf(expected.getMessage())));
            command.getErr().println(expected.remedy());
            LOG.debug("The command failed", failure);
            return expected.exitCode();
        }
        if (failure instanceof RegistryUnavailableException) {
            command.getErr().println(colors.errorText(String.valueOf(failure.getMessage())));
            command.getErr().println(Subjects.REMEDY);
            LOG.debug("The command failed", failure);
            return ExitCode.FAILED;
        }
        if (failure instanceof InvalidConfigurationException) {
            command.getErr().println(colors.errorText(String.valueOf(failure.getMessage())));
            return ExitCode.MISUSED;
        }
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        command.getErr().println(colors.errorText(message));
        command.getErr()
                .println("More is in the log: %s".formatted(System.getProperty("penstock.log", "penstock.log")));
        LOG.error("The command failed", failure);
        return ExitCode.FAILED;
    }

    /** From the jar's manifest; {@code development} where there is none. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"penstock " + (version == null ? "development" : version)};
        }
    }
}
