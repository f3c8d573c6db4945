package dev.penstock.cli.access;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBinding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock access grant}. */
@Command(
        name = "grant",
        description = {
            "Gives accounts the rights of applications; those that they have are left as they are.",
            "Accounts themselves are made with Kafka's own tools, by certificates or at the cloud that runs the brokers."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock access grant --principal ingest=User:ingest --principal inference=User:inference --dry-run",
            "  penstock access grant --principal operator=User:ada --command-config root.properties"
        })
final class GrantCommand implements Callable<Integer> {
    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final Accounts accounts = new Accounts();

    @Mixin
    private final Output output = new Output();

    @Option(names = "--dry-run", description = "Say what would be given, and give nothing.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException {
        Map<String, Set<AclBinding>> needed = accounts.needed(connection);
        List<AclBinding> missing = new ArrayList<>();
        Map<String, Integer> had = new LinkedHashMap<>();
        try (Admin admin = connection.admin()) {
            for (Map.Entry<String, Set<AclBinding>> account : needed.entrySet()) {
                Set<AclBinding> more = new HashSet<>(account.getValue());
                more.removeAll(Accounts.given(admin, account.getKey()));
                had.put(account.getKey(), account.getValue().size() - more.size());
                missing.addAll(more);
            }
            if (!dryRun && !missing.isEmpty()) {
                admin.createAcls(missing).all().get();
            }
        } catch (ExecutionException e) {
            throw Accounts.refused("give rights", e.getCause(), e);
        }
        Table table = Table.withColumns("ACCOUNT", "RIGHTS", "HAD", dryRun ? "WOULD BE GIVEN" : "GIVEN");
        List<Map<String, Object>> json = new ArrayList<>();
        needed.forEach((principal, rights) -> {
            int given = rights.size() - had.getOrDefault(principal, 0);
            table.row(principal, rights.size(), had.getOrDefault(principal, 0), given);
            json.add(Map.of("principal", principal, "rights", rights.size(), "given", given, "dryRun", dryRun));
        });
        output.result(json, table);
        return ExitCode.DONE;
    }
}
