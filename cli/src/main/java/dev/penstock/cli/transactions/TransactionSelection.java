package dev.penstock.cli.transactions;

import dev.penstock.cli.arguments.DurationText;
import dev.penstock.schemas.topics.Access;
import dev.penstock.schemas.topics.Application;
import dev.penstock.schemas.topics.Topic;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** Which transactions are the platform's, and from when on they are left behind. */
final class TransactionSelection {
    @Option(
            names = "--prefix",
            paramLabel = "TEXT",
            defaultValue = Access.BEGIN,
            description = "What transactional ids begin with (default: ${DEFAULT-VALUE}, as all of the platform's do).")
    private String prefix = Access.BEGIN;

    @Option(names = "--all", description = "Of whomever, not only those that begin so.")
    private boolean all;

    @Option(
            names = "--hanging-after",
            paramLabel = "DURATION",
            defaultValue = "15m",
            converter = DurationText.class,
            description =
                    "How long a transaction may be open before it counts as left behind (default: ${DEFAULT-VALUE},"
                            + " a minute more than the jobs' transactions may last).")
    private Duration longest = Duration.ofMinutes(15);

    String begin() {
        return all ? "" : prefix;
    }

    boolean isOfPlatform(String id) {
        return id.startsWith(begin());
    }

    Duration longest() {
        return longest;
    }

    /** Topics that the platform writes in transactions. */
    static List<String> topics() {
        Set<Topic> topics = EnumSet.copyOf(Access.writes(Application.INGEST));
        topics.addAll(Access.writes(Application.INFERENCE));
        return topics.stream().map(Topic::topicName).toList();
    }
}
