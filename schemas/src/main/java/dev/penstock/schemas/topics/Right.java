package dev.penstock.schemas.topics;

import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * One thing that an application may do at the brokers.
 *
 * @param resource a topic, a group, a transactional id or the cluster, by its name or the begin of it
 * @param operation in Kafka's sense, where to read or to write implies to describe
 */
public record Right(Application application, ResourcePattern resource, AclOperation operation) {
    public Right {
        if (resource.patternType() != PatternType.LITERAL && resource.patternType() != PatternType.PREFIXED) {
            throw new IllegalArgumentException(
                    "Cannot give a right to %s: only names and begins of names can be written"
                            .formatted(resource.patternType()));
        }
    }

    static Right onTopic(Application application, String topic, AclOperation operation) {
        return new Right(application, new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL), operation);
    }

    static Right onNamesThatBegin(Application application, ResourceType type, String begin, AclOperation operation) {
        return new Right(application, new ResourcePattern(type, begin, PatternType.PREFIXED), operation);
    }

    static Right onCluster(Application application, AclOperation operation) {
        return new Right(
                application,
                new ResourcePattern(ResourceType.CLUSTER, Resource.CLUSTER_NAME, PatternType.LITERAL),
                operation);
    }

    /**
     * As Kafka's authorizer keeps it.
     *
     * @param principal such as {@code User:ingest}
     * @param host from where it may; {@code *} for anywhere
     */
    public AclBinding toBinding(String principal, String host) {
        return new AclBinding(resource, new AccessControlEntry(principal, host, operation, AclPermissionType.ALLOW));
    }

    /** Whether it is about the resource of that type and name. */
    public boolean covers(ResourceType type, String name) {
        return resource.resourceType() == type
                && (resource.patternType() == PatternType.PREFIXED
                        ? name.startsWith(resource.name())
                        : name.equals(resource.name()));
    }

    /** The name for a person: with an asterisk for what follows the begin of a name. */
    public String resourceName() {
        return resource.patternType() == PatternType.PREFIXED ? resource.name() + "*" : resource.name();
    }
}
