package dev.penstock.schemas.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AccessTest {
    private static final Set<Application> PEOPLE = EnumSet.of(Application.OPERATOR, Application.ADMINISTRATOR);

    private final Access access = Access.of(Set.of("mail.received"));

    @ParameterizedTest
    @EnumSource(Topic.class)
    void everyTopicIsWrittenBySomebodyAndReadBySomebody(Topic topic) {
        assertThat(Application.values())
                .anyMatch(application -> Access.writes(application).contains(topic));
        assertThat(Application.values())
                .anyMatch(application -> Access.reads(application).contains(topic));
    }

    @Test
    void predictionsAreWrittenByInferenceAlone() {
        assertThat(Application.values())
                .filteredOn(application -> Access.writes(application).contains(Topic.PREDICTIONS))
                .containsExactly(Application.INFERENCE);
    }

    @Test
    void whoServesIsWrittenByRolloutAlone() {
        assertThat(Application.values())
                .filteredOn(application -> Access.writes(application).contains(Topic.ROLLOUTS))
                .containsExactly(Application.ROLLOUT);
    }

    @Test
    void noRightIsGivenTwice() {
        assertThat(access.rights()).doesNotHaveDuplicates();
    }

    @Test
    void onlyPeopleMayDoAnythingToTheCluster() {
        assertThat(access.rights())
                .filteredOn(right -> right.resource().resourceType() == ResourceType.CLUSTER)
                .extracting(Right::application)
                .allMatch(PEOPLE::contains);
    }

    @Test
    void sourceTopicsAreReadByIngestAndNeverWrittenByAnyPartOfThePlatform() {
        List<Right> onSource = access.rights().stream()
                .filter(right -> right.covers(ResourceType.TOPIC, "mail.received"))
                .toList();

        assertThat(onSource)
                .extracting(right -> right.application() + " " + right.operation())
                .containsExactlyInAnyOrder(
                        "INGEST READ", "OPERATOR READ", "OPERATOR WRITE", "OPERATOR DESCRIBE_CONFIGS");
    }

    @Test
    void noRightGoesBeyondNamesOfThePlatform() {
        assertThat(access.rights())
                .filteredOn(right -> right.resource().resourceType() != ResourceType.CLUSTER)
                .extracting(Right::resourceName)
                .allMatch(name -> name.startsWith(Access.BEGIN)
                        || name.equals("mail.received")
                        || Topic.named(name).isPresent());
        assertThat(access.rights())
                .extracting(Right::operation)
                .doesNotContain(AclOperation.ALL, AclOperation.ANY, AclOperation.CLUSTER_ACTION);
    }

    @Test
    void groupsOfOneApplicationAreNotThoseOfAnother() {
        for (Application one : Application.values()) {
            assertThat(Arrays.stream(Application.values()).filter(other -> other != one))
                    .noneMatch(other -> other.group().startsWith(one.group()));
        }
    }

    @Test
    void theDocumentedTableIsCurrent() throws Exception {
        Path document = Path.of("..", "deploy", "ACCESS.md");

        assertThat(document)
                .as("write it with: ./penstock access --markdown > deploy/ACCESS.md")
                .hasContent(AccessTable.markdown());
        assertThat(Files.readString(document)).isEqualTo(AccessTable.markdown());
    }
}
