package dev.penstock.chaos.report;

import dev.penstock.chaos.judging.Verdict;
import dev.penstock.measuring.MarkdownTable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A report for people. */
final class MarkdownReport {
    private final Report report;

    MarkdownReport(Report report) {
        this.report = report;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("# Chaos of %s%n%n".formatted(report.time()));
        MarkdownTable machine = new MarkdownTable("machine", "");
        report.machine().forEach(machine::row);
        text.append(machine);
        for (TrialReport trial : report.trials()) {
            text.append("%n## %s, %s%n%n"
                    .formatted(title(trial), trial.verdict().delivery().setting()));
            text.append(
                    "Tier %s, seed %d, %d broker%s, %,.0f events/s; the first answers of every partition %.1f s after the start, the last outcome %.0f s later. **%s**%n%n"
                            .formatted(
                                    trial.tier(),
                                    trial.seed(),
                                    trial.brokers(),
                                    trial.brokers() == 1 ? "" : "s",
                                    trial.rate(),
                                    seconds(trial.start()),
                                    seconds(trial.flowed()),
                                    trial.holds() ? "As promised." : "Not as promised."));
            text.append("Checkpoints in %s: at the end %s files of %s bytes, in which there are %s complete states.%n%n"
                    .formatted(
                            trial.kept().store(),
                            count(trial.kept().files()),
                            count(trial.kept().bytes()),
                            count(trial.kept().complete())));
            text.append(verdict(trial.verdict())).append(System.lineSeparator());
            text.append(recoveries(trial));
            trial.verdict().examples().forEach(example -> text.append("%n- %s".formatted(example)));
            text.append(trial.verdict().examples().isEmpty() ? "" : System.lineSeparator());
        }
        if (!report.scales().isEmpty()) {
            MarkdownTable scale =
                    new MarkdownTable("TaskManagers of one slot", "delivery", "events that waited", "events/s");
            report.scales()
                    .forEach(one -> scale.row(
                            Integer.toString(one.taskManagers()),
                            one.delivery(),
                            count(one.events()),
                            count(Math.round(one.eventsPerSecond()))));
            text.append("%n## Growing%n%n".formatted()).append(scale);
        }
        return text.toString();
    }

    private static String title(TrialReport trial) {
        return trial.faults().isEmpty() ? "no fault" : String.join(", ", trial.faults());
    }

    private static MarkdownTable verdict(Verdict verdict) {
        Verdict.Complaints wrong = verdict.complaints();
        return new MarkdownTable("events", "")
                .row("sent", count(verdict.sent()))
                .row("acknowledged", count(verdict.acknowledged()))
                .row("predictions", count(verdict.predictions()))
                .row("by version 1 and 2", count(verdict.firstVersion()) + " and " + count(verdict.otherVersions()))
                .row("by the champion instead of the canary", count(verdict.instead()))
                .row("dead letters", count(verdict.deadLetters()))
                .row("lost", count(wrong.lost()))
                .row("doubled", count(wrong.doubled()))
                .row("prediction and dead letter", count(wrong.contradictory()))
                .row("doubled by ingest", count(wrong.doubledRequests()))
                .row("out of order", count(wrong.outOfOrder()))
                .row("by the wrong version", count(wrong.unsteady()))
                .row("good as dead letter, bad as prediction", count(wrong.astray()))
                .row("never sent", count(wrong.unknown()));
    }

    private static MarkdownTable recoveries(TrialReport trial) {
        MarkdownTable table = new MarkdownTable(
                "fault", "times", "lasting s", "recovered after s: median", "longest", "longest silence s", "> 30 s");
        Map<String, List<InjectionReport>> byFault = trial.injections().stream()
                .collect(Collectors.groupingBy(InjectionReport::fault, LinkedHashMap::new, Collectors.toList()));
        byFault.forEach((fault, injections) -> {
            List<Duration> times = injections.stream()
                    .map(InjectionReport::recovery)
                    .flatMap(Optional::stream)
                    .sorted()
                    .toList();
            boolean all = times.size() == injections.size();
            table.row(
                    fault,
                    Integer.toString(injections.size()),
                    rounded(injections.get(0).lasting()),
                    times.isEmpty() ? "never" : tenths(times.get(times.size() / 2)),
                    all ? tenths(times.get(times.size() - 1)) : "never",
                    tenths(injections.stream()
                            .map(InjectionReport::silence)
                            .max(Duration::compareTo)
                            .orElse(Duration.ZERO)),
                    Long.toString(injections.stream()
                            .filter(injection -> injection
                                    .recovery()
                                    .map(time -> time.compareTo(TrialReport.LONGEST_RECOVERY) > 0)
                                    .orElse(true))
                            .count()));
        });
        return table;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }

    private static String rounded(Duration duration) {
        return "%.0f".formatted(seconds(duration));
    }

    private static String tenths(Duration duration) {
        return "%.1f".formatted(seconds(duration));
    }

    private static String count(long events) {
        return String.format(Locale.ROOT, "%,d", events);
    }
}
