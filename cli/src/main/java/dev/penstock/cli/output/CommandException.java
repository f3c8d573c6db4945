package dev.penstock.cli.output;

import org.jspecify.annotations.Nullable;

/** A command cannot do what it was asked to; the user reads the message and the line below it. */
public final class CommandException extends RuntimeException {
    private final String remedy;
    private final int exitCode;

    /**
     * @param message {@code Cannot <action>: <reason with values>}
     * @param remedy what to try, in one line
     * @param exitCode one of {@link ExitCode}
     */
    public CommandException(String message, String remedy, int exitCode, @Nullable Throwable cause) {
        super(message, cause);
        this.remedy = remedy;
        this.exitCode = exitCode;
    }

    /** Something that the command needs did not work. */
    public static CommandException failed(String message, String remedy, @Nullable Throwable cause) {
        return new CommandException(message, remedy, ExitCode.FAILED, cause);
    }

    /** What the user asked for makes no sense. */
    public static CommandException misused(String message, String remedy) {
        return new CommandException(message, remedy, ExitCode.MISUSED, null);
    }

    public String remedy() {
        return remedy;
    }

    public int exitCode() {
        return exitCode;
    }
}
