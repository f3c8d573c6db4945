package dev.penstock.chaos.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.chaos.judging.Verdict;

/** A report with every fault, for programs. Durations are in milliseconds. */
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
        ArrayNode trials = root.putArray("trials");
        report.trials().forEach(trial -> write(trial, trials.addObject()));
        root.set("scales", JSON.valueToTree(report.scales()));
        try {
            return JSON.writeValueAsString(root) + System.lineSeparator();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write the report as JSON: " + e.getMessage(), e);
        }
    }

    private static void write(TrialReport trial, ObjectNode node) {
        Verdict verdict = trial.verdict();
        node.set("faults", JSON.valueToTree(trial.faults()));
        node.put("tier", trial.tier())
                .put("delivery", verdict.delivery().setting())
                .put("brokers", trial.brokers())
                .put("rate", trial.rate())
                .put("seed", trial.seed())
                .put("holds", trial.holds())
                .put("start-millis", trial.start().toMillis())
                .put("flowed-millis", trial.flowed().toMillis())
                .put("sent", verdict.sent())
                .put("acknowledged", verdict.acknowledged())
                .put("predictions", verdict.predictions())
                .put("dead-letters", verdict.deadLetters())
                .put("first-version", verdict.firstVersion())
                .put("other-versions", verdict.otherVersions())
                .put("champion-instead", verdict.instead())
                .put("lost", verdict.complaints().lost())
                .put("doubled", verdict.complaints().doubled())
                .put("contradictory", verdict.complaints().contradictory())
                .put("doubled-requests", verdict.complaints().doubledRequests())
                .put("out-of-order", verdict.complaints().outOfOrder())
                .put("unsteady", verdict.complaints().unsteady())
                .put("astray", verdict.complaints().astray())
                .put("unknown", verdict.complaints().unknown());
        node.putObject("checkpoints")
                .put("store", trial.kept().store())
                .put("files", trial.kept().files())
                .put("bytes", trial.kept().bytes())
                .put("complete", trial.kept().complete());
        node.set("examples", JSON.valueToTree(verdict.examples()));
        ArrayNode injections = node.putArray("injections");
        for (InjectionReport injection : trial.injections()) {
            ObjectNode one = injections
                    .addObject()
                    .put("fault", injection.fault())
                    .put("target", injection.target())
                    .put("began", injection.began().toString())
                    .put("lasting-millis", injection.lasting().toMillis())
                    .put("silence-millis", injection.silence().toMillis());
            injection.recovery().ifPresent(time -> one.put("recovery-millis", time.toMillis()));
        }
    }
}
