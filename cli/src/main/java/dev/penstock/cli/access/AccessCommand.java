package dev.penstock.cli.access;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.PipelinesFile;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.schemas.topics.Access;
import dev.penstock.schemas.topics.AccessTable;
import dev.penstock.schemas.topics.Right;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock access}. */
@Command(
        name = "access",
        description = {
            "Prints the least that each application needs to be allowed at the brokers; asks nobody.",
            "Source topics are those of the pipelines file, if one is known."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock access --application inference",
            "  penstock access grant --principal ingest=User:ingest --principal inference=User:inference",
            "  penstock access check --principal ingest=User:ingest"
        },
        subcommands = {GrantCommand.class, CheckCommand.class})
public final class AccessCommand implements Callable<Integer> {
    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final PipelinesFile pipelinesFile = new PipelinesFile();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--application", paramLabel = "APP", description = "Of this one only, such as inference.")
    private @Nullable String application;

    @Option(names = "--markdown", description = "As the document deploy/ACCESS.md.")
    private boolean markdown;

    @Override
    public Integer call() {
        if (markdown) {
            output.out().print(AccessTable.markdown());
            return ExitCode.DONE;
        }
        Access access = Access.of(Accounts.sources(connection, pipelinesFile));
        List<Right> rights = application == null ? access.rights() : access.rights(Accounts.application(application));
        Table table = Table.withColumns("APPLICATION", "RESOURCE", "NAME", "OPERATION");
        rights.forEach(right -> table.row(
                right.application().writtenName(),
                resource(right),
                right.resourceName(),
                right.operation().name().toLowerCase(Locale.ROOT).replace('_', ' ')));
        output.result(rights.stream().map(AccessCommand::json).toList(), table);
        return ExitCode.DONE;
    }

    private static String resource(Right right) {
        return right.resource().resourceType().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static Map<String, String> json(Right right) {
        Map<String, String> json = new LinkedHashMap<>();
        json.put("application", right.application().writtenName());
        json.put("resourceType", right.resource().resourceType().name());
        json.put("patternType", right.resource().patternType().name());
        json.put("name", right.resource().name());
        json.put("operation", right.operation().name());
        return json;
    }
}
