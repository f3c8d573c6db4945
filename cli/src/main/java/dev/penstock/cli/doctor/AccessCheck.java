package dev.penstock.cli.doctor;

import dev.penstock.cli.connection.Connection;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.pipelines.Source;
import dev.penstock.schemas.topics.Access;
import dev.penstock.schemas.topics.Application;
import dev.penstock.schemas.topics.Right;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;

/** Whether the brokers refuse what nobody allowed, and whether they allow the caller what an operator needs. */
final class AccessCheck {
    private static final int MOST_NAMED = 5;

    private final Connection connection;
    private final Optional<Pipelines> pipelines;

    AccessCheck(Connection connection, Optional<Pipelines> pipelines) {
        this.connection = connection;
        this.pipelines = pipelines;
    }

    List<Finding> look(Admin admin) throws ExecutionException, InterruptedException {
        if (isOpenToAll(admin)) {
            String what = "these brokers have no authorizer: whoever reaches them may do everything";
            return List.of(
                    isLoopback(connection.brokers())
                            ? Finding.ok(what + ", from this machine")
                            : Finding.warning(
                                    what,
                                    "Set authorizer.class.name at the brokers, then 'penstock access grant'; deploy/ACCESS.md"
                                            + " says who needs what."));
        }
        List<String> missing = missing(admin);
        if (missing.isEmpty()) {
            return List.of(Finding.ok(
                    "this user may do all that an operator does, and these brokers refuse what nobody allowed"));
        }
        String named = missing.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
        return List.of(Finding.warning(
                "this user may not do all that an operator does: %s%s"
                        .formatted(
                                named,
                                missing.size() > MOST_NAMED
                                        ? " and %d more".formatted(missing.size() - MOST_NAMED)
                                        : ""),
                "What is said here of all else may be incomplete. As an administrator: penstock access grant --principal"
                        + " operator=User:NAME"));
    }

    private static boolean isOpenToAll(Admin admin) throws InterruptedException, ExecutionException {
        try {
            admin.describeAcls(AclBindingFilter.ANY).values().get();
            return false;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SecurityDisabledException) {
                return true;
            }
            if (e.getCause() instanceof AuthorizationException) {
                return false;
            }
            throw e;
        }
    }

    /** The rights of an operator that the caller does not have, as phrases; topics that do not exist are left out. */
    private List<String> missing(Admin admin) throws InterruptedException, ExecutionException {
        Set<String> sources = pipelines.map(Pipelines::withSource).orElse(List.of()).stream()
                .flatMap(pipeline -> pipeline.source().map(Source::topic).stream())
                .collect(Collectors.toSet());
        List<Right> needed = Access.of(sources).rights(Application.OPERATOR);
        Map<String, Set<AclOperation>> onTopics = onTopics(
                admin,
                needed.stream()
                        .filter(right -> right.resource().resourceType() == ResourceType.TOPIC)
                        .map(Right::resourceName)
                        .collect(Collectors.toSet()));
        Set<AclOperation> onCluster =
                orNone(admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true))
                        .authorizedOperations()
                        .get());
        List<String> missing = new ArrayList<>();
        for (Right right : needed) {
            boolean has =
                    switch (right.resource().resourceType()) {
                        case TOPIC -> {
                            Set<AclOperation> allowed = onTopics.get(right.resourceName());
                            yield allowed == null || allowed.contains(right.operation());
                        }
                        case CLUSTER -> onCluster.contains(right.operation());
                        case GROUP -> seesGroups(admin);
                        // Others' transactional ids are left out of what is listed, without a word.
                        default -> true;
                    };
            if (!has) {
                missing.add("%s of %s"
                        .formatted(
                                right.operation()
                                        .name()
                                        .toLowerCase(Locale.ROOT)
                                        .replace('_', ' '),
                                right.resourceName()));
            }
        }
        return missing;
    }

    private static boolean seesGroups(Admin admin) throws InterruptedException, ExecutionException {
        try {
            admin.listConsumerGroupOffsets(Application.INFERENCE.group())
                    .partitionsToOffsetAndMetadata()
                    .get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                return false;
            }
            throw e;
        }
    }

    private static Map<String, Set<AclOperation>> onTopics(Admin admin, Set<String> names) throws InterruptedException {
        Map<String, Set<AclOperation>> allowed = new HashMap<>();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> topic : admin.describeTopics(
                        names, new DescribeTopicsOptions().includeAuthorizedOperations(true))
                .topicNameValues()
                .entrySet()) {
            try {
                allowed.put(topic.getKey(), orNone(topic.getValue().get().authorizedOperations()));
            } catch (ExecutionException e) {
                if (e.getCause() instanceof AuthorizationException) {
                    allowed.put(topic.getKey(), Set.of());
                }
                // What does not exist is looked at with the topics.
            }
        }
        return allowed;
    }

    private static Set<AclOperation> orNone(@Nullable Set<AclOperation> operations) {
        return operations == null ? Set.of() : operations;
    }

    private static boolean isLoopback(String brokers) {
        String first = brokers.split(",", 2)[0];
        int port = first.lastIndexOf(':');
        try {
            return InetAddress.getByName(port < 0 ? first : first.substring(0, port))
                    .isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
