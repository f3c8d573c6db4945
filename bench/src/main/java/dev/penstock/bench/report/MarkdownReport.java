package dev.penstock.bench.report;

import dev.penstock.bench.measuring.Beside;
import dev.penstock.bench.measuring.Growth;
import dev.penstock.bench.measuring.Latency;
import dev.penstock.bench.measuring.LatencyAtLoad;
import dev.penstock.bench.measuring.Statistics;
import dev.penstock.bench.measuring.Swaps;
import dev.penstock.bench.measuring.Throughput;
import dev.penstock.bench.report.Requirement.Side;
import dev.penstock.bench.report.WorkloadReport.Comparison;
import dev.penstock.measuring.MarkdownTable;
import java.util.List;

/** A report as tables for people. */
final class MarkdownReport {
    private final Report report;

    MarkdownReport(Report report) {
        this.report = report;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("# Benchmark of %s%n%n".formatted(report.time()));
        MarkdownTable machine = new MarkdownTable("machine", "");
        report.machine().forEach(machine::row);
        text.append(machine);
        for (WorkloadReport workload : report.workloads()) {
            text.append("%n## %s%n%n%s%n".formatted(workload.workload(), workload.description()));
            append(text, workload);
        }
        if (!report.growth().isEmpty()) {
            text.append("%n## What growing costs%n%nDense network; medians of %d rounds.%n%n"
                            .formatted(report.rounds()))
                    .append(growth(report.growth()));
        }
        return text.toString();
    }

    private static MarkdownTable growth(List<Growth> growth) {
        MarkdownTable table =
                new MarkdownTable("grows", "to", "contender", "events/s", "CPU µs/event, broker included");
        for (Growth one : growth) {
            table.row(
                    one.grows(),
                    one.to(),
                    one.throughput().contender().label(),
                    spread("%,.0f", one.throughput().eventsPerSecond()),
                    spread("%.1f", one.throughput().processorMicros()));
        }
        return table;
    }

    private void append(StringBuilder text, WorkloadReport workload) {
        text.append(
                "%nThroughput: medians of %d rounds, lowest to highest in brackets.%n%n".formatted(report.rounds()));
        text.append(throughput(workload.throughput()));
        if (!workload.comparisons().isEmpty()) {
            text.append("%nRound by round:%n%n".formatted()).append(comparisons(workload.comparisons()));
        }
        if (!workload.latency().isEmpty()) {
            text.append("%nLatency in ms, from the moment when a request was due:%n%n".formatted())
                    .append(latency(workload.latency()));
        }
        workload.swaps().ifPresent(swaps -> text.append("%nNew versions under load:%n%n".formatted())
                .append(swaps(swaps)));
        workload.beside().ifPresent(beside -> text.append("%nA training on the same machine, in turns:%n%n".formatted())
                .append(beside(beside)));
        List<Requirement> requirements = Requirements.of(workload);
        if (!requirements.isEmpty()) {
            text.append("%nWhat must be reached:%n%n".formatted()).append(requirements(requirements));
        }
    }

    private static MarkdownTable throughput(List<Throughput> throughput) {
        MarkdownTable table = new MarkdownTable("contender", "events/s", "CPU µs/event, broker included", "what it is");
        for (Throughput one : throughput) {
            table.row(
                    one.contender().label(),
                    spread("%,.0f", one.eventsPerSecond()),
                    one.processorMicros().isEmpty() ? "" : spread("%.1f", one.processorMicros()),
                    one.contender().description());
        }
        return table;
    }

    private static String spread(String format, List<Double> values) {
        return "%s (%s to %s)"
                .replace("%s", format)
                .formatted(Statistics.median(values), Statistics.lowest(values), Statistics.highest(values));
    }

    private static MarkdownTable comparisons(List<Comparison> comparisons) {
        MarkdownTable table = new MarkdownTable("product ÷", "ratio");
        for (Comparison one : comparisons) {
            table.row(one.peer().label(), "%.2f (%.2f to %.2f)".formatted(one.median(), one.lowest(), one.highest()));
        }
        return table;
    }

    private static MarkdownTable latency(List<LatencyAtLoad> latency) {
        MarkdownTable table = new MarkdownTable("contender", "load", "events/s", "p50", "p99", "p99.9");
        for (LatencyAtLoad one : latency) {
            table.row(
                    one.contender().label(),
                    one.load(),
                    "%,.0f".formatted(one.eventsPerSecond()),
                    "%.2f".formatted(one.latency().p50()),
                    "%.1f".formatted(one.latency().p99()),
                    "%.1f".formatted(one.latency().p999()));
        }
        return table;
    }

    private static MarkdownTable swaps(Swaps swaps) {
        return new MarkdownTable("", "")
                .row("events/s", "%,.0f".formatted(swaps.eventsPerSecond()))
                .row(
                        "p99 before the first swap, ms",
                        "%.1f".formatted(swaps.before().p99()))
                .row(
                        "p99 in the 5 s around it, ms",
                        "%.1f".formatted(swaps.around().p99()))
                .row("swaps after that", Integer.toString(swaps.swaps()))
                .row("answers lost, doubled", "%d, %d".formatted(swaps.lost(), swaps.doubled()))
                .row("growth of resident memory in their later half, MiB", "%.1f".formatted(swaps.growthMebibytes()));
    }

    private static MarkdownTable beside(Beside beside) {
        return new MarkdownTable("", "")
                .row("events/s", "%,.0f".formatted(beside.eventsPerSecond()))
                .row("p99 without it, ms", p99(beside.alone()))
                .row("p99 beside it, ms", p99(beside.training()))
                .row("steps trained", Long.toString(beside.steps()));
    }

    private static String p99(List<Latency> latencies) {
        return spread("%.1f", latencies.stream().map(Latency::p99).toList());
    }

    private static MarkdownTable requirements(List<Requirement> requirements) {
        MarkdownTable table = new MarkdownTable("", "measured", "must be", "");
        for (Requirement one : requirements) {
            table.row(
                    one.what(),
                    "%.2f".formatted(one.measured()),
                    "%s %s".formatted(one.side() == Side.AT_LEAST ? "≥" : "≤", one.bound()),
                    one.reached() ? "reached" : "missed");
        }
        return table;
    }
}
