package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.topics.Access;
import dev.penstock.schemas.topics.Application;
import dev.penstock.schemas.topics.NewTopics;
import dev.penstock.schemas.topics.Right;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.topics.TopicCreator;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Walks through principal × resource × operation with real clients against a real broker: what {@link Access} grants
 * works, and what it does not grant is refused.
 */
class AccessMatrixIT {
    private static final String SOURCE = "mail.received";
    private static final String INTERNAL = "penstock-ingest-by-entity-mail.received-repartition";
    private static final String OF_STRANGERS = "payroll";
    private static final List<String> GROUPS = List.of(
            "penstock-ingest",
            "penstock-inference",
            "penstock-rollout",
            "penstock-retrain",
            "penstock-consumer-bank",
            "payroll-readers");
    private static final List<String> TRANSACTIONAL_IDS =
            List.of("penstock-ingest-0-1", "penstock-inference-text-0-1", "payroll-1");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Access ACCESS = Access.of(Set.of(SOURCE));

    @TempDir
    private static Path directory;

    private static SecuredBroker broker;

    @BeforeAll
    static void grantEachApplicationWhatItNeeds() throws Exception {
        broker = SecuredBroker.start(directory);
        try (Admin root = broker.admin(SecuredBroker.SUPERUSER)) {
            new TopicCreator(root, SchemaRegistry.connect("mock://access-matrix"), 1, (short) 1).createMissing();
            NewTopics.create(
                    root,
                    Stream.of(SOURCE, INTERNAL, OF_STRANGERS)
                            .map(topic -> new NewTopic(topic, 1, (short) 1))
                            .toList());
            root.createAcls(ACCESS.rights().stream()
                            .map(right -> right.toBinding(
                                    "User:" + right.application().writtenName(), "*"))
                            .toList())
                    .all()
                    .get();
        }
        // So that whoever may read finds something.
        try (KafkaProducer<byte[], byte[]> producer = producer(SecuredBroker.SUPERUSER, Map.of())) {
            for (String topic : topics()) {
                producer.send(new ProducerRecord<>(topic, new byte[1], new byte[1]))
                        .get();
            }
        }
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    static Stream<String> accounts() {
        return Stream.concat(
                Arrays.stream(Application.values()).map(Application::writtenName), Stream.of(SecuredBroker.STRANGER));
    }

    @ParameterizedTest
    @MethodSource("accounts")
    void whatIsGrantedWorksAndAllElseIsRefused(String account) throws Exception {
        Walk walk = new Walk(account);
        try (Admin admin = broker.admin(account);
                KafkaProducer<byte[], byte[]> producer = producer(account, Map.of());
                KafkaConsumer<byte[], byte[]> consumer = consumer(account)) {
            for (String topic : topics()) {
                walkTopic(walk, topic, admin, producer, consumer);
            }
            for (String group : GROUPS) {
                walkGroup(walk, group, admin);
            }
            for (String id : TRANSACTIONAL_IDS) {
                walkTransactionalId(walk, id, admin);
            }
            walkCluster(walk, admin);
        }

        assertThat(walk.surprises)
                .as(
                        "%s: of %d operations that were tried %d were granted and %d refused",
                        account, walk.allowed + walk.refused, walk.allowed, walk.refused)
                .isEmpty();
        assertThat(walk.allowed + walk.refused)
                .as("operations that were tried")
                .isEqualTo(8 * topics().size() + 2 * GROUPS.size() + 2 * TRANSACTIONAL_IDS.size() + 5);
        assertThat(walk.allowed)
                .as("operations that %s may do", account)
                .matches(allowed -> account.equals(SecuredBroker.STRANGER) == (allowed == 0));
    }

    @Test
    void nobodyIsLetInWithoutThePassword() {
        Map<String, Object> wrong = new HashMap<>(broker.client("inference"));
        wrong.compute("sasl.jaas.config", (name, login) -> String.valueOf(login).replace("password-of", "guess-of"));

        try (Admin admin = Admin.create(wrong)) {
            assertThatThrownBy(() -> admin.describeCluster().nodes().get())
                    .cause()
                    .isInstanceOf(SaslAuthenticationException.class);
        }
    }

    /** What was tried in the name of one account, and what came otherwise than it should. */
    private static final class Walk {
        private final String account;
        private final List<Right> rights;
        private final List<String> surprises = new ArrayList<>();
        private int allowed;
        private int refused;

        Walk(String account) {
            this.account = account;
            this.rights = Application.named(account).map(ACCESS::rights).orElse(List.of());
        }

        interface Attempt {
            void make() throws Exception;
        }

        /** @param operations each of which includes the right to do it, in Kafka's sense */
        void tryTo(String what, ResourceType type, String name, Set<AclOperation> operations, Attempt attempt)
                throws InterruptedException {
            boolean isGranted = rights.stream()
                    .anyMatch(right -> right.covers(type, name) && operations.contains(right.operation()));
            entered(what + " " + type + " " + name, isGranted, isAllowed(attempt));
        }

        void entered(String what, boolean isGranted, boolean isAllowed) {
            if (isAllowed) {
                allowed++;
            } else {
                refused++;
            }
            if (isGranted != isAllowed) {
                surprises.add("%s %s %s".formatted(account, isAllowed ? "could" : "could not", what));
            }
        }

        boolean mayCreateAnything() {
            return rights.stream()
                    .anyMatch(right -> right.resource().resourceType() == ResourceType.CLUSTER
                            && right.operation() == AclOperation.CREATE);
        }

        private static boolean isAllowed(Attempt attempt) throws InterruptedException {
            try {
                attempt.make();
                return true;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                // A producer that was refused once repeats the reason within other words.
                for (Throwable reason = e; reason != null; reason = reason.getCause()) {
                    if (reason instanceof AuthorizationException) {
                        return false;
                    }
                }
                throw new AssertionError("Neither allowed nor refused", e);
            }
        }
    }

    private static void walkTopic(
            Walk walk,
            String topic,
            Admin admin,
            KafkaProducer<byte[], byte[]> producer,
            KafkaConsumer<byte[], byte[]> consumer)
            throws InterruptedException {
        ConfigResource config = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        TopicPartition partition = new TopicPartition(topic, 0);
        walk.tryTo("DESCRIBE", ResourceType.TOPIC, topic, DESCRIBING, () -> admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get());
        walk.tryTo("READ", ResourceType.TOPIC, topic, Set.of(AclOperation.READ), () -> read(consumer, partition));
        walk.tryTo("WRITE", ResourceType.TOPIC, topic, Set.of(AclOperation.WRITE), () -> producer.send(
                        new ProducerRecord<>(topic, new byte[1], new byte[1]))
                .get());
        walk.tryTo(
                "DELETE records of", ResourceType.TOPIC, topic, Set.of(AclOperation.DELETE), () -> admin.deleteRecords(
                                Map.of(partition, RecordsToDelete.beforeOffset(0)))
                        .all()
                        .get());
        walk.tryTo("ALTER", ResourceType.TOPIC, topic, Set.of(AclOperation.ALTER), () -> admin.createPartitions(
                        Map.of(topic, NewPartitions.increaseTo(2)), new CreatePartitionsOptions().validateOnly(true))
                .all()
                .get());
        walk.tryTo(
                "DESCRIBE_CONFIGS",
                ResourceType.TOPIC,
                topic,
                Set.of(AclOperation.DESCRIBE_CONFIGS, AclOperation.ALTER_CONFIGS),
                () -> admin.describeConfigs(List.of(config)).all().get());
        walk.tryTo(
                "ALTER_CONFIGS",
                ResourceType.TOPIC,
                topic,
                Set.of(AclOperation.ALTER_CONFIGS),
                () -> alter(admin, config, "retention.ms"));
        walk.entered(
                "CREATE topic " + topic,
                walk.mayCreateAnything()
                        || walk.rights.stream()
                                .anyMatch(right -> right.covers(ResourceType.TOPIC, topic)
                                        && right.operation() == AclOperation.CREATE),
                Walk.isAllowed(() -> create(admin, topic)));
    }

    /** Whoever may do one of these to a topic may see it. */
    private static final Set<AclOperation> DESCRIBING = EnumSet.of(
            AclOperation.DESCRIBE, AclOperation.READ, AclOperation.WRITE, AclOperation.DELETE, AclOperation.ALTER);

    private static void read(KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition) {
        consumer.assign(List.of(partition));
        consumer.seek(partition, 0);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (consumer.poll(Duration.ofMillis(100)).isEmpty()) {
            assertThat(System.nanoTime()).as("nothing came of " + partition).isLessThan(deadline);
        }
    }

    private static void create(Admin admin, String topic) throws Exception {
        try {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1)), new CreateTopicsOptions().validateOnly(true))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
            // It was allowed to try.
        }
    }

    private static void alter(Admin admin, ConfigResource resource, String setting) throws Exception {
        admin.incrementalAlterConfigs(
                        Map.of(
                                resource,
                                List.of(new AlterConfigOp(
                                        new ConfigEntry(setting, "1000000"), AlterConfigOp.OpType.SET))),
                        new AlterConfigsOptions().validateOnly(true))
                .all()
                .get();
    }

    private static void walkGroup(Walk walk, String group, Admin admin) throws InterruptedException {
        walk.tryTo(
                "DESCRIBE",
                ResourceType.GROUP,
                group,
                EnumSet.of(AclOperation.DESCRIBE, AclOperation.READ),
                () -> admin.listConsumerGroupOffsets(group)
                        .partitionsToOffsetAndMetadata()
                        .get());
        walk.tryTo("READ", ResourceType.GROUP, group, Set.of(AclOperation.READ), () -> {
            try {
                admin.alterConsumerGroupOffsets(
                                group, Map.of(new TopicPartition(OF_STRANGERS, 0), new OffsetAndMetadata(0)))
                        .all()
                        .get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof GroupAuthorizationException) {
                    throw e;
                }
                // The group may be used; that topic is nobody's to read.
            }
        });
    }

    private static void walkTransactionalId(Walk walk, String id, Admin admin) throws InterruptedException {
        walk.tryTo(
                "DESCRIBE",
                ResourceType.TRANSACTIONAL_ID,
                id,
                EnumSet.of(AclOperation.DESCRIBE, AclOperation.WRITE),
                () -> {
                    try {
                        admin.describeTransactions(List.of(id)).all().get();
                    } catch (ExecutionException e) {
                        if (!(e.getCause() instanceof TransactionalIdNotFoundException)) {
                            throw e;
                        }
                    }
                });
        walk.tryTo("WRITE", ResourceType.TRANSACTIONAL_ID, id, Set.of(AclOperation.WRITE), () -> {
            try (KafkaProducer<byte[], byte[]> producer = producer(walk.account, Map.of("transactional.id", id))) {
                producer.initTransactions();
            }
        });
    }

    private static void walkCluster(Walk walk, Admin admin) throws InterruptedException {
        String cluster = Resource.CLUSTER_NAME;
        AclBindingFilter nobodys = new AclBindingFilter(
                new ResourcePatternFilter(ResourceType.TOPIC, "no-such-topic", PatternType.LITERAL),
                new AccessControlEntryFilter("User:nobody", null, AclOperation.ANY, AclPermissionType.ANY));
        ConfigResource node = new ConfigResource(ConfigResource.Type.BROKER, "1");
        walk.tryTo(
                "DESCRIBE",
                ResourceType.CLUSTER,
                cluster,
                EnumSet.of(AclOperation.DESCRIBE, AclOperation.ALTER),
                () -> admin.describeAcls(nobodys).values().get());
        walk.tryTo("ALTER", ResourceType.CLUSTER, cluster, Set.of(AclOperation.ALTER), () -> admin.deleteAcls(
                        List.of(nobodys))
                .all()
                .get());
        walk.tryTo(
                "CREATE", ResourceType.CLUSTER, cluster, Set.of(AclOperation.CREATE), () -> create(admin, "brand-new"));
        walk.tryTo(
                "DESCRIBE_CONFIGS",
                ResourceType.CLUSTER,
                cluster,
                Set.of(AclOperation.DESCRIBE_CONFIGS, AclOperation.ALTER_CONFIGS),
                () -> admin.describeConfigs(List.of(node)).all().get());
        walk.tryTo(
                "ALTER_CONFIGS",
                ResourceType.CLUSTER,
                cluster,
                Set.of(AclOperation.ALTER_CONFIGS),
                () -> alter(admin, node, "log.retention.ms"));
    }

    private static List<String> topics() {
        return Stream.concat(
                        Arrays.stream(Topic.values()).map(Topic::topicName), Stream.of(SOURCE, INTERNAL, OF_STRANGERS))
                .toList();
    }

    private static KafkaProducer<byte[], byte[]> producer(String account, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(broker.client(account));
        settings.putAll(more);
        settings.put("max.block.ms", Long.toString(PATIENCE.toMillis()));
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String account) {
        Map<String, Object> settings = new HashMap<>(broker.client(account));
        settings.put("fetch.max.wait.ms", "50");
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
