package dev.penstock.cli.access;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.PipelinesFile;
import dev.penstock.cli.output.CommandException;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.pipelines.Source;
import dev.penstock.schemas.topics.Access;
import dev.penstock.schemas.topics.Application;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which account each application has at the brokers, and what they are to have rights for. */
final class Accounts {
    @Mixin
    private final PipelinesFile pipelinesFile = new PipelinesFile();

    @Option(
            names = "--principal",
            required = true,
            paramLabel = "APP=User:NAME",
            description = "The account of an application, such as ingest=User:ingest; may be given several times.")
    private final Map<String, String> principals = new LinkedHashMap<>();

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "*",
            description = "From where the accounts may use their rights (default: ${DEFAULT-VALUE}, anywhere).")
    private String host = "*";

    /** The rights that each account needs, as the brokers keep them. */
    Map<String, Set<AclBinding>> needed(Connection connection) {
        Access access = Access.of(sources(connection, pipelinesFile));
        Map<String, Set<AclBinding>> needed = new LinkedHashMap<>();
        principals.forEach((name, principal) -> {
            Application application = application(name);
            if (!principal.matches("[^:]+:.+")) {
                throw CommandException.misused(
                        "Cannot use '%s' as the account of %s: it has no kind".formatted(principal, name),
                        "Write it like %s=User:%s.".formatted(name, name));
            }
            access.rights(application).forEach(right -> needed.computeIfAbsent(principal, first -> new HashSet<>())
                    .add(right.toBinding(principal, host)));
        });
        return needed;
    }

    static Application application(String name) {
        return Application.named(name)
                .orElseThrow(() -> CommandException.misused(
                        "Cannot give rights to '%s': there is no such application".formatted(name),
                        "They are %s."
                                .formatted(Arrays.stream(Application.values())
                                        .map(Application::writtenName)
                                        .collect(Collectors.joining(", ")))));
    }

    /** The topics that pipelines read; none where the pipelines are not known. */
    static Set<String> sources(Connection connection, PipelinesFile file) {
        return file.read(connection).map(Pipelines::withSource).orElse(List.of()).stream()
                .flatMap(pipeline -> pipeline.source().map(Source::topic).stream())
                .collect(Collectors.toSet());
    }

    /** The rights that an account has. */
    static Set<AclBinding> given(Admin admin, String principal) throws InterruptedException {
        try {
            Collection<AclBinding> given = admin.describeAcls(new AclBindingFilter(
                            ResourcePatternFilter.ANY,
                            new AccessControlEntryFilter(principal, null, AclOperation.ANY, AclPermissionType.ANY)))
                    .values()
                    .get();
            return new HashSet<>(given);
        } catch (ExecutionException e) {
            throw refused("see rights", e.getCause(), e);
        }
    }

    static CommandException refused(String action, Throwable reason, Exception cause) {
        return reason instanceof SecurityDisabledException
                ? CommandException.failed(
                        "Cannot %s: these brokers have no authorizer, so that everybody may do everything"
                                .formatted(action),
                        "Set authorizer.class.name, such as org.apache.kafka.metadata.authorizer.StandardAuthorizer, and"
                                + " super.users at the brokers.",
                        cause)
                : CommandException.failed(
                        "Cannot %s: %s".formatted(action, reason.getMessage()),
                        "Log in as a superuser of the brokers, or as the administrator, with --command-config.",
                        cause);
    }
}
