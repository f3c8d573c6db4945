package dev.penstock.retrain.labels;

import dev.penstock.flink.configuration.Silence;
import dev.penstock.retrain.labels.LabelPart.Kind;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;

/**
 * Up to when it is known in one task what happened and what was said of it: event times of requests and decisions, and times
 * of feedback, whichever has come less far. So a job that catches up takes nobody for silent whose word it has not read yet.
 * Feedback that has not come for a while does not hold anything up: that it does not come is what silence is.
 *
 * <p>No time is believed that lies after the record's own, or after now: whoever writes one that does would make all others
 * look silent.
 */
public final class ReadingProgress implements WatermarkGenerator<LabelPart> {
    /** Longer than a pause between two records of a topic that is being caught up with. */
    static final Duration QUIET = Duration.ofMinutes(1);

    private static final Duration MOST_SLACK = Duration.ofHours(1);
    private static final long NEVER = Long.MIN_VALUE;

    private final Clock clock;
    private final long slackMillis;
    private long happened = NEVER;
    private long said = NEVER;
    private long quietFrom;

    /** @param slack by which records may come out of order */
    ReadingProgress(Duration slack, Clock clock) {
        this.clock = clock;
        this.slackMillis = slack.toMillis();
        quietFrom = clock.millis() + QUIET.toMillis();
    }

    /** @param rules that wait for it; records may come a tenth of the shortest out of order, and an hour at most */
    public static WatermarkStrategy<LabelPart> strategy(Collection<Silence> rules, Clock clock) {
        Duration slack = rules.stream()
                .map(rule -> rule.after().dividedBy(10))
                .min(Duration::compareTo)
                .filter(shortest -> shortest.compareTo(MOST_SLACK) < 0)
                .orElse(MOST_SLACK);
        return WatermarkStrategy.<LabelPart>forGenerator(context -> new ReadingProgress(slack, clock))
                .withTimestampAssigner((part, before) -> part.eventTime())
                .withIdleness(QUIET);
    }

    @Override
    public void onEvent(LabelPart part, long eventTime, WatermarkOutput output) {
        long now = clock.millis();
        long at = Math.min(now, Math.min(part.timestamp(), part.eventTime()));
        if (part.kind() == Kind.LABEL) {
            said = Math.max(said, at);
            quietFrom = now + QUIET.toMillis();
        } else {
            happened = Math.max(happened, at);
        }
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
        boolean isHeardOf = clock.millis() < quietFrom;
        long known = happened == NEVER ? said : isHeardOf ? Math.min(happened, said) : happened;
        // Of what was never heard of nobody knows how far it is.
        if (known != NEVER) {
            output.emitWatermark(new Watermark(known - slackMillis));
        }
    }
}
