package dev.penstock.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.bench.measuring.Growth;
import dev.penstock.bench.measuring.LatencyAtLoad;
import dev.penstock.bench.measuring.Throughput;

/** A report with every round's figures, for programs. */
final class JsonReport {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Report report;

    JsonReport(Report report) {
        this.report = report;
    }

    @Override
    public String toString() {
        ObjectNode root = JSON.createObjectNode();
        root.put("time", report.time().toString());
        root.set("machine", JSON.valueToTree(report.machine()));
        root.put("rounds", report.rounds());
        var workloads = root.putArray("workloads");
        report.workloads().forEach(workload -> workloads.add(node(workload)));
        var growth = root.putArray("growth");
        for (Growth one : report.growth()) {
            growth.add(node(one.throughput()).put("grows", one.grows()).put("to", one.to()));
        }
        try {
            return JSON.writeValueAsString(root) + System.lineSeparator();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write the report", e);
        }
    }

    private static ObjectNode node(Throughput one) {
        return JSON.createObjectNode()
                .put("contender", one.contender().label())
                .put("eventsPerSecond", one.median())
                .<ObjectNode>set("eventsPerSecondByRound", JSON.valueToTree(one.eventsPerSecond()))
                .set("processorMicrosPerEventByRound", JSON.valueToTree(one.processorMicros()));
    }

    private static ObjectNode node(WorkloadReport workload) {
        ObjectNode node = JSON.createObjectNode();
        node.put("workload", workload.workload());
        node.put("description", workload.description());
        var throughput = node.putArray("throughput");
        workload.throughput().forEach(one -> throughput.add(node(one)));
        var ratios = node.putArray("productRatios");
        workload.comparisons().forEach(one -> ratios.addObject()
                .put("over", one.peer().label())
                .put("median", one.median())
                .put("lowest", one.lowest())
                .put("highest", one.highest()));
        var latency = node.putArray("latencyMillis");
        for (LatencyAtLoad one : workload.latency()) {
            latency.addObject()
                    .put("contender", one.contender().label())
                    .put("load", one.load())
                    .put("eventsPerSecond", one.eventsPerSecond())
                    .put("p50", one.latency().p50())
                    .put("p99", one.latency().p99())
                    .put("p99.9", one.latency().p999());
        }
        workload.swaps().ifPresent(swaps -> node.set("swaps", JSON.valueToTree(swaps)));
        workload.beside().ifPresent(beside -> node.set("beside", JSON.valueToTree(beside)));
        node.set("requirements", JSON.valueToTree(Requirements.of(workload)));
        return node;
    }
}
