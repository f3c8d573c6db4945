package dev.penstock.schemas.topics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.resource.ResourceType;

/** The rights of all applications as a document: topics down, applications across, and what is of no topic below. */
public final class AccessTable {
    /** Stands for the topics that a pipelines file names. */
    public static final String SOURCE = "(source topics)";

    private AccessTable() {}

    /** Markdown, ending with a line break. */
    public static String markdown() {
        Access access = Access.of(Set.of(SOURCE));
        List<Application> applications = List.of(Application.values());
        List<String> lines = new ArrayList<>();
        lines.add("# Who may do what at the brokers");
        lines.add("");
        lines.add(
                "Generated from the topic catalogue by `penstock access --markdown`; a test compares them. `penstock access"
                        + " grant --principal ingest=User:ingest …` writes these rights into the brokers, `penstock access check` says"
                        + " what is missing and what is too much. Tests run every part with these rights alone, and walk through the"
                        + " whole table to see that all else is refused.");
        lines.add("");
        lines.add("| application | what it is there for |");
        lines.add("|---|---|");
        applications.forEach(
                application -> lines.add("| `%s` | %s |".formatted(application.writtenName(), application.purpose())));
        lines.add("");
        lines.add("## Topics");
        lines.add("");
        lines.add("To read or to write a topic includes to see that it is there (`DESCRIBE`).");
        lines.add("");
        lines.add("| topic | %s |"
                .formatted(applications.stream()
                        .map(application -> "`%s`".formatted(application.writtenName()))
                        .collect(Collectors.joining(" | "))));
        lines.add("|---|" + "---|".repeat(applications.size()));
        Stream.concat(Arrays.stream(Topic.values()).map(Topic::topicName), Stream.of(SOURCE))
                .forEach(topic -> lines.add("| %s | %s |"
                        .formatted(
                                topic.equals(SOURCE) ? "topics that pipelines read" : "`%s`".formatted(topic),
                                applications.stream()
                                        .map(application -> operations(access, application, topic))
                                        .collect(Collectors.joining(" | ")))));
        lines.add("");
        lines.add("## All else");
        lines.add("");
        lines.add(
                "An asterisk stands for what may follow: names begin so unless `group`, in ingest `application-id`, is"
                        + " set otherwise.");
        lines.add("");
        lines.add("| application | resource | name | operations |");
        lines.add("|---|---|---|---|");
        for (Application application : applications) {
            access.rights(application).stream()
                    .filter(right -> !isOfCatalogue(right))
                    .collect(Collectors.groupingBy(Right::resource, LinkedHashMap::new, Collectors.toList()))
                    .forEach((resource, rights) -> lines.add("| `%s` | %s | `%s` | %s |"
                            .formatted(
                                    application.writtenName(),
                                    resource.resourceType()
                                            .name()
                                            .toLowerCase(Locale.ROOT)
                                            .replace('_', ' '),
                                    rights.get(0).resourceName(),
                                    rights.stream().map(AccessTable::written).collect(Collectors.joining(", ")))));
        }
        lines.add("");
        lines.add(
                "Topics that nobody is named for are nobody's. The application with `ALTER` on the cluster can give itself"
                        + " every right: give that account to people, for the time in which they need it.");
        return String.join("\n", lines) + "\n";
    }

    private static String operations(Access access, Application application, String topic) {
        return access.rights(application).stream()
                .filter(AccessTable::isOfCatalogue)
                .filter(right -> right.covers(ResourceType.TOPIC, topic))
                .map(AccessTable::written)
                .collect(Collectors.joining(", "));
    }

    /** Of one topic, by its name. */
    private static boolean isOfCatalogue(Right right) {
        return right.resource().resourceType() == ResourceType.TOPIC
                && (right.resourceName().equals(SOURCE)
                        || Topic.named(right.resourceName()).isPresent());
    }

    private static String written(Right right) {
        return right.operation().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
