package dev.penstock.measuring;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Runs a command that measures, and says what went wrong in a sentence. */
public final class MeasuringCommand {
    private static final Logger LOG = LoggerFactory.getLogger(MeasuringCommand.class);

    private MeasuringCommand() {}

    /**
     * @param command with picocli's annotations, its name among them
     * @return picocli's exit code, or the command's own
     */
    public static int execute(Callable<Integer> command, String... arguments) {
        return new CommandLine(command)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(MeasuringCommand::refuse)
                .setExecutionExceptionHandler(MeasuringCommand::explain)
                .execute(arguments);
    }

    /** One sentence: the whole usage would hide what is wrong. */
    private static int refuse(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        PrintWriter errors = command.getErr();
        errors.println(failure.getMessage());
        errors.printf("What it takes: %s --help%n", command.getCommandName());
        return CommandLine.ExitCode.USAGE;
    }

    private static int explain(Exception failure, CommandLine command, ParseResult parsed) {
        command.getErr().println(failure instanceof IllegalStateException ? failure.getMessage() : failure.toString());
        command.getErr().println("More is in the log: " + System.getProperty("penstock.log", "penstock.log"));
        LOG.error("'{}' failed", command.getCommandName(), failure);
        return CommandLine.ExitCode.SOFTWARE;
    }
}
