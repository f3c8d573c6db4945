package dev.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.output.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
    private final StringWriter errors = new StringWriter();

    @Test
    void everyCommandSaysWhatItDoes() {
        for (CommandLine command : all(Main.commandLine())) {
            assertThat(command.getCommandSpec().usageMessage().description())
                    .as(command.getCommandName())
                    .isNotEmpty();
            assertThat(command.getUsageMessage()).contains("--help");
        }
    }

    @Test
    void everyOptionSaysWhatItDoes() {
        for (CommandLine command : all(Main.commandLine())) {
            assertThat(command.getCommandSpec().options()).allSatisfy(option -> assertThat(option.description())
                    .as("%s %s", command.getCommandName(), option.longestName())
                    .isNotEmpty());
        }
    }

    @Test
    void anUnknownCommandIsAMisuse() {
        assertThat(run("sendd")).isEqualTo(ExitCode.MISUSED);
        assertThat(errors.toString().lines())
                .containsExactly(
                        "Cannot run 'penstock': it has no command 'sendd'; did you mean send or setup?",
                        "What it takes: penstock --help");
    }

    @Test
    void aMistypedOptionIsNamedWithThoseNearIt() {
        assertThat(run("topics", "--brokerz", "kafka:9092")).isEqualTo(ExitCode.MISUSED);
        assertThat(errors.toString().lines())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("Cannot run 'penstock topics': it has no option '--brokerz'; did you mean --brokers");
        assertThat(errors.toString()).endsWith("What it takes: penstock topics --help%n".formatted());
    }

    @Test
    void aMistypedOptionIsNamedThoughAnArgumentIsMissingToo() {
        assertThat(run("send", "spam", "--entitty=customer-7")).isEqualTo(ExitCode.MISUSED);
        assertThat(errors.toString()).contains("it has no option '--entitty'; did you mean --entity");
    }

    @Test
    void aValueThatCannotBeIsRefusedInOneSentence() {
        assertThat(run("send", "spam", "mail.txt", "--wait", "soon")).isEqualTo(ExitCode.MISUSED);
        assertThat(errors.toString().lines()).hasSize(2);
        assertThat(errors.toString()).contains("'--wait'", "'soon' is not a duration; write it like 15s");
    }

    @Test
    void withoutACommandItNamesThem() {
        assertThat(run()).isEqualTo(ExitCode.MISUSED);
        assertThat(errors.toString()).contains("it needs a command; name one of demo, up, send");
    }

    @Test
    void anAbsurdNumberOfEventsIsAMisuse() {
        assertThat(run("demo", "--short", "--events", "0")).isEqualTo(ExitCode.MISUSED);
        assertThat(errors.toString()).contains("Cannot send 0 events", "1 to 1000000");
    }

    private int run(String... arguments) {
        return Main.commandLine().setErr(new PrintWriter(errors, true)).execute(arguments);
    }

    private static List<CommandLine> all(CommandLine command) {
        List<CommandLine> commands = new ArrayList<>(List.of(command));
        command.getSubcommands().values().forEach(nested -> commands.addAll(all(nested)));
        return commands;
    }
}
