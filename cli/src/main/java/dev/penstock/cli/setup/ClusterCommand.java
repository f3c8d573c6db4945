package dev.penstock.cli.setup;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.PipelinesFile;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.topics.SourceTopics;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.pipelines.Source;
import dev.penstock.schemas.topics.Access;
import dev.penstock.schemas.topics.TopicCreator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code penstock setup cluster}. */
@Command(
        name = "cluster",
        description = {
            "Creates what is missing of the platform's topics, their schemas and, where a pipelines file is named, the"
                    + " topics that pipelines read. What exists is left as it is.",
            "With --logins each application's user gets the password that 'setup secrets' made for it, and the rights that"
                    + " 'penstock access' shows."
        },
        footerHeading = "%nExample:%n",
        footer = "  penstock setup cluster --brokers kafka:9092 --registry http://schema-registry:8080/apis/ccompat/v7"
                + " --partitions 12 --replication 3")
final class ClusterCommand implements Callable<Integer> {
    /** Kafka's least. Passwords are random and long, so that more would only cost every connection its time. */
    private static final int SCRAM_ITERATIONS = 4096;

    private static final String ANY_HOST = "*";

    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final PipelinesFile pipelinesFile = new PipelinesFile();

    @Mixin
    private final Output output = new Output();

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "4",
            description = "Partitions of topics that are created (default: ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(
            names = "--replication",
            paramLabel = "N",
            defaultValue = "1",
            description = "Copies of each partition of topics that are created (default: ${DEFAULT-VALUE}).")
    private short replication;

    @Option(
            names = "--logins",
            paramLabel = "DIR",
            description = "Directory of 'setup secrets', whose users the brokers shall know.")
    private @Nullable Path logins;

    @Override
    public Integer call() throws InterruptedException {
        Optional<Pipelines> pipelines = pipelinesFile.read(connection);
        List<String> sources = List.of();
        try (Admin admin = connection.admin()) {
            new TopicCreator(admin, connection.registry(), partitions, replication).createMissing();
            if (pipelines.isPresent()) {
                sources = new SourceTopics(admin, partitions, replication).createMissing(pipelines.get());
            }
            if (logins != null) {
                makeUsers(admin, new Secrets(logins));
                giveRights(admin, pipelines);
            }
        }
        output.line(
                Map.of("sourcesCreated", sources),
                sources.isEmpty()
                        ? "The cluster has what the platform needs."
                        : "The cluster has what the platform needs; created for pipelines: %s"
                                .formatted(String.join(", ", sources)));
        return ExitCode.DONE;
    }

    private void makeUsers(Admin admin, Secrets secrets) throws InterruptedException {
        try {
            List<UserScramCredentialAlteration> users = secrets.passwords().entrySet().stream()
                    .<UserScramCredentialAlteration>map(login -> new UserScramCredentialUpsertion(
                            login.getKey().user(),
                            new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ITERATIONS),
                            login.getValue().getBytes(UTF_8)))
                    .toList();
            admin.alterUserScramCredentials(users).all().get();
        } catch (IOException e) {
            throw CommandException.misused(
                    "Cannot read the passwords in %s: %s".formatted(logins, e),
                    "Make them with 'penstock setup secrets'.");
        } catch (ExecutionException e) {
            throw CommandException.failed(
                    "Cannot make users: %s".formatted(e.getCause().getMessage()),
                    "Use a login that may do everything, such as command/secure-administrator.properties.",
                    e);
        }
    }

    /** The least of each; nothing where the brokers ask nobody who they are. */
    private static void giveRights(Admin admin, Optional<Pipelines> pipelines) throws InterruptedException {
        Set<String> sources = pipelines.stream()
                .flatMap(described -> described.withSource().stream())
                .map(pipeline -> pipeline.source().map(Source::topic).orElseThrow())
                .collect(Collectors.toSet());
        Access access = Access.of(sources);
        List<AclBinding> rights = Login.all().stream()
                .flatMap(login -> access.rights(login.application()).stream()
                        .map(right -> right.toBinding("User:" + login.user(), ANY_HOST)))
                .toList();
        try {
            admin.createAcls(rights).all().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SecurityDisabledException) {
                return;
            }
            throw CommandException.failed(
                    "Cannot give rights: %s".formatted(e.getCause().getMessage()),
                    "Use a login that may do everything, such as command/secure-administrator.properties.",
                    e);
        }
    }
}
