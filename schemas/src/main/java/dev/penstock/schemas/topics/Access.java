package dev.penstock.schemas.topics;

import static org.apache.kafka.common.acl.AclOperation.ALTER;
import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DELETE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.acl.AclOperation;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what at the brokers: the least that each application needs. Tests run the applications with these rights
 * alone, and see that everything else is refused.
 */
public final class Access {
    /** What all of the platform's groups, transactional ids and internal topics begin with. */
    public static final String BEGIN = "penstock-";

    private static final Set<Topic> REQUESTS =
            Set.of(Topic.REQUESTS_IMAGE, Topic.REQUESTS_AUDIO, Topic.REQUESTS_TEXT, Topic.REQUESTS_RECORD);
    private static final Map<Application, Set<Topic>> READS = new EnumMap<>(Application.class);
    private static final Map<Application, Set<Topic>> WRITES = new EnumMap<>(Application.class);

    static {
        reads(Application.INFERENCE, REQUESTS);
        reads(
                Application.INFERENCE,
                Set.of(Topic.MODEL_VERSIONS, Topic.MODEL_ARTIFACTS, Topic.ROLLOUTS, Topic.FEEDBACK));
        reads(
                Application.ROLLOUT,
                Set.of(
                        Topic.PREDICTIONS,
                        Topic.SHADOW_PREDICTIONS,
                        Topic.FEEDBACK,
                        Topic.MODEL_VERSIONS,
                        Topic.ROLLOUTS,
                        Topic.ROLLOUT_HISTORY,
                        Topic.ROLLOUT_COMMANDS,
                        Topic.ALERTS));
        reads(Application.RETRAIN, REQUESTS);
        reads(
                Application.RETRAIN,
                Set.of(
                        Topic.PREDICTIONS,
                        Topic.FEEDBACK,
                        Topic.LABELLED_EXAMPLES,
                        Topic.TRAINING_RUNS,
                        Topic.MODEL_VERSIONS,
                        Topic.MODEL_ARTIFACTS,
                        Topic.ROLLOUTS,
                        Topic.ROLLOUT_COMMANDS,
                        Topic.ALERTS));
        reads(Application.OPERATOR, EnumSet.allOf(Topic.class));
        reads(Application.CONSUMER, Set.of(Topic.PREDICTIONS));

        writes(Application.INGEST, REQUESTS);
        writes(Application.INGEST, Set.of(Topic.DEAD_LETTERS));
        writes(
                Application.INFERENCE,
                Set.of(Topic.PREDICTIONS, Topic.SHADOW_PREDICTIONS, Topic.DEAD_LETTERS, Topic.ALERTS));
        writes(
                Application.ROLLOUT,
                Set.of(Topic.ROLLOUTS, Topic.ROLLOUT_HISTORY, Topic.EVALUATIONS, Topic.ALERTS, Topic.DEAD_LETTERS));
        writes(
                Application.RETRAIN,
                Set.of(
                        Topic.LABELLED_EXAMPLES,
                        Topic.TRAINING_RUNS,
                        Topic.MODEL_VERSIONS,
                        Topic.MODEL_ARTIFACTS,
                        Topic.ALERTS,
                        Topic.DEAD_LETTERS));
        writes(Application.OPERATOR, REQUESTS);
        writes(
                Application.OPERATOR,
                Set.of(Topic.FEEDBACK, Topic.MODEL_VERSIONS, Topic.MODEL_ARTIFACTS, Topic.ROLLOUT_COMMANDS));
        writes(Application.PRODUCER, REQUESTS);
        writes(Application.PRODUCER, Set.of(Topic.FEEDBACK));
    }

    private final Set<String> sources;

    private Access(Set<String> sources) {
        this.sources = new TreeSet<>(sources);
    }

    /** @param sources names of the topics that pipelines read */
    public static Access of(Set<String> sources) {
        return new Access(sources);
    }

    /** The topics of the catalogue that an application reads. */
    public static Set<Topic> reads(Application application) {
        return EnumSet.copyOf(orNone(READS.get(application)));
    }

    /** The topics of the catalogue that an application writes. */
    public static Set<Topic> writes(Application application) {
        return EnumSet.copyOf(orNone(WRITES.get(application)));
    }

    /** The rights of all applications, in a fixed order. */
    public List<Right> rights() {
        return Arrays.stream(Application.values())
                .flatMap(application -> rights(application).stream())
                .toList();
    }

    /** The least that an application needs, in a fixed order. */
    public List<Right> rights(Application application) {
        List<Right> rights = new ArrayList<>();
        reads(application).forEach(topic -> rights.add(Right.onTopic(application, topic.topicName(), READ)));
        writes(application).forEach(topic -> rights.add(Right.onTopic(application, topic.topicName(), WRITE)));
        switch (application) {
            case INGEST -> {
                onSources(application, rights, READ);
                // It asks how large its outcomes may be.
                writes(application)
                        .forEach(topic -> rights.add(Right.onTopic(application, topic.topicName(), DESCRIBE_CONFIGS)));
                // Kafka Streams makes its internal topics itself, and deletes what it has read of them.
                for (AclOperation operation : List.of(READ, WRITE, CREATE, DELETE)) {
                    rights.add(Right.onNamesThatBegin(application, TOPIC, application.group() + "-", operation));
                }
                rights.add(Right.onNamesThatBegin(application, GROUP, application.group(), READ));
                rights.add(Right.onNamesThatBegin(application, TRANSACTIONAL_ID, application.group(), WRITE));
            }
            case INFERENCE -> {
                rights.add(Right.onNamesThatBegin(application, GROUP, application.group(), READ));
                rights.add(Right.onNamesThatBegin(application, TRANSACTIONAL_ID, application.group(), WRITE));
            }
            case ROLLOUT, RETRAIN, CONSUMER ->
                rights.add(Right.onNamesThatBegin(application, GROUP, application.group(), READ));
            case OPERATOR -> {
                onSources(application, rights, READ, WRITE);
                for (Topic topic : Topic.values()) {
                    rights.add(Right.onTopic(application, topic.topicName(), DESCRIBE_CONFIGS));
                }
                onSources(application, rights, DESCRIBE_CONFIGS);
                rights.add(Right.onNamesThatBegin(application, GROUP, BEGIN, DESCRIBE));
                rights.add(Right.onNamesThatBegin(application, TRANSACTIONAL_ID, BEGIN, DESCRIBE));
                // Of the quorum, whose time is Kafka's, and of the rights that there are.
                rights.add(Right.onCluster(application, DESCRIBE));
            }
            case ADMINISTRATOR -> {
                for (Topic topic : Topic.values()) {
                    for (AclOperation operation : List.of(DESCRIBE, ALTER, DESCRIBE_CONFIGS, ALTER_CONFIGS)) {
                        rights.add(Right.onTopic(application, topic.topicName(), operation));
                    }
                }
                // Who has an open transaction is told to those who may read the topic.
                EnumSet<Topic> transactional = EnumSet.copyOf(writes(Application.INGEST));
                transactional.addAll(writes(Application.INFERENCE));
                transactional.forEach(topic -> rights.add(Right.onTopic(application, topic.topicName(), READ)));
                rights.add(Right.onNamesThatBegin(application, TOPIC, BEGIN, READ));
                // Whoever may write under an id may end what is open under it.
                rights.add(Right.onNamesThatBegin(application, TRANSACTIONAL_ID, BEGIN, WRITE));
                for (AclOperation operation : List.of(CREATE, DESCRIBE, ALTER)) {
                    rights.add(Right.onCluster(application, operation));
                }
            }
            case PRODUCER -> {
                // Reads nothing, and its records are in no transaction.
            }
        }
        return List.copyOf(rights);
    }

    private void onSources(Application application, List<Right> rights, AclOperation... operations) {
        for (String source : sources) {
            for (AclOperation operation : operations) {
                rights.add(Right.onTopic(application, source, operation));
            }
        }
    }

    private static void reads(Application application, Set<Topic> topics) {
        READS.computeIfAbsent(application, first -> EnumSet.noneOf(Topic.class)).addAll(topics);
    }

    private static void writes(Application application, Set<Topic> topics) {
        WRITES.computeIfAbsent(application, first -> EnumSet.noneOf(Topic.class))
                .addAll(topics);
    }

    private static Set<Topic> orNone(@Nullable Set<Topic> topics) {
        return topics == null ? EnumSet.noneOf(Topic.class) : topics;
    }
}
