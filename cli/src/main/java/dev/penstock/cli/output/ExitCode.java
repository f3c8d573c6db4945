package dev.penstock.cli.output;

/** What the process answers with; scripts rely on it. */
public final class ExitCode {
    /** All is well. */
    public static final int DONE = 0;
    /** Something that the command needs did not work: a broker that is away, a file that cannot be read. */
    public static final int FAILED = 1;
    /** The command line or a configuration file is wrong. */
    public static final int MISUSED = 2;
    /** The command ran, and what it checked does not hold: an event without an outcome, a model that is refused. */
    public static final int CHECK_FAILED = 3;

    private ExitCode() {}
}
