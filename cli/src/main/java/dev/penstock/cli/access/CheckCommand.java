package dev.penstock.cli.access;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBinding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code penstock access check}. */
@Command(
        name = "check",
        description = {
            "Compares the rights that accounts have with those that they need.",
            "Rights that everybody has ('User:*') and those of superusers are not counted."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock access check --principal ingest=User:ingest --principal inference=User:inference",
            "",
            "Exit code 3 says that a right is missing, refused or more than is needed."
        })
final class CheckCommand implements Callable<Integer> {
    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final Accounts accounts = new Accounts();

    @Mixin
    private final Output output = new Output();

    private record Row(String principal, String what, AclBinding right) {}

    @Override
    public Integer call() throws InterruptedException {
        List<Row> rows = new ArrayList<>();
        Map<String, Set<AclBinding>> needed = accounts.needed(connection);
        try (Admin admin = connection.admin()) {
            for (Map.Entry<String, Set<AclBinding>> account : needed.entrySet()) {
                Set<AclBinding> given = Accounts.given(admin, account.getKey());
                difference(account.getValue(), given)
                        .forEach(right -> rows.add(new Row(account.getKey(), "missing", right)));
                // What is denied is among these: nothing that is needed is.
                difference(given, account.getValue())
                        .forEach(right -> rows.add(new Row(account.getKey(), tooMuch(right), right)));
            }
        }
        rows.sort(Comparator.comparing((Row row) -> row.principal())
                .thenComparing(Row::what)
                .thenComparing(row -> row.right().pattern().name())
                .thenComparing(row -> row.right().entry().operation()));
        Table table = Table.withColumns("ACCOUNT", "", "RESOURCE", "NAME", "OPERATION");
        rows.forEach(row -> table.row(
                row.principal(),
                row.what(),
                written(row.right().pattern().resourceType()),
                row.right().pattern().name(),
                written(row.right().entry().operation())));
        output.result(rows.stream().map(CheckCommand::json).toList(), table);
        output.note(
                rows.isEmpty()
                        ? "Every account has what it needs and no more: %d rights of %d accounts."
                                .formatted(
                                        needed.values().stream()
                                                .mapToInt(Set::size)
                                                .sum(),
                                        needed.size())
                        : "Differences: %d; 'penstock access grant' gives what is missing.".formatted(rows.size()));
        return rows.isEmpty() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    }

    private static String tooMuch(AclBinding right) {
        return switch (right.entry().permissionType()) {
            case DENY -> "denied";
            default -> "not needed";
        };
    }

    private static Set<AclBinding> difference(Set<AclBinding> of, Set<AclBinding> without) {
        Set<AclBinding> difference = new HashSet<>(of);
        difference.removeAll(without);
        return difference;
    }

    private static String written(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static Map<String, String> json(Row row) {
        Map<String, String> json = new LinkedHashMap<>();
        json.put("principal", row.principal());
        json.put("difference", row.what());
        json.put("resourceType", row.right().pattern().resourceType().name());
        json.put("patternType", row.right().pattern().patternType().name());
        json.put("name", row.right().pattern().name());
        json.put("operation", row.right().entry().operation().name());
        return json;
    }
}
