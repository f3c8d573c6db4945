package dev.penstock.models.card;

import dev.penstock.models.card.Findings.Finding;
import dev.penstock.models.card.InputSpec.Constant;
import java.util.List;
import java.util.regex.Pattern;

/** What a card's values must be, however they are written. */
final class ModelCardChecks {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    private final ModelCard card;
    private final Findings findings = new Findings();

    private ModelCardChecks(ModelCard card) {
        this.card = card;
    }

    static List<Finding> findings(ModelCard card) {
        ModelCardChecks checks = new ModelCardChecks(card);
        checks.identity();
        checks.labels();
        checks.inputs();
        checks.outputs();
        checks.decision();
        checks.limits();
        checks.calibration();
        return checks.findings.all();
    }

    private void identity() {
        findings.require(
                NAME.matcher(card.name()).matches(),
                "name",
                "'%s' must have 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen"
                        .formatted(card.name()));
        findings.requireAtLeast(1, card.version(), "version");
        card.fixedBatch().ifPresent(rows -> findings.requireBetween(1, rows, 65_536, "fixed-batch", " rows"));
        card.metrics()
                .forEach((name, value) -> findings.require(
                        Double.isFinite(value), "metrics." + name, "%s must be a finite number".formatted(value)));
    }

    private void labels() {
        findings.requireLabels("labels", card.labels());
        int labels = card.labels().size();
        switch (card.task()) {
            case BINARY ->
                findings.require(
                        labels == 2,
                        "labels",
                        "a binary model has two, the negative and then the positive one; there are %d"
                                .formatted(labels));
            case MULTICLASS ->
                findings.require(labels != 1, "labels", "a multiclass model has two or more; there is one");
            case MULTILABEL -> {}
        }
    }

    private void inputs() {
        findings.require(
                card.inputs().stream().anyMatch(input -> !(input instanceof Constant)),
                "inputs",
                "there is none that is filled from the payload; write one or more");
        InputChecks checks = new InputChecks(findings, card.modality());
        card.inputs().forEach(checks::check);
    }

    private void outputs() {
        List<OutputSpec> outputs = card.outputs();
        long deciding = outputs.stream().filter(OutputSpec::deciding).count();
        findings.require(!outputs.isEmpty(), "outputs", "there are none; name the signature's output that decides");
        findings.require(
                outputs.isEmpty() || deciding == 1,
                "outputs",
                "%d of them decide; write 'deciding: true' for one".formatted(deciding));
        for (OutputSpec output : outputs) {
            String key = "outputs." + output.name();
            findings.requireAtLeast(1, output.highest(), key + ".highest");
            if (output.deciding()) {
                findings.require(
                        output.labels().equals(card.labels()),
                        key + ".labels",
                        "the deciding output has the card's labels; leave these out");
            } else if (!output.labels().equals(card.labels())) {
                findings.requireLabels(key + ".labels", output.labels());
            }
        }
    }

    private void decision() {
        DecisionPolicy decision = card.decision();
        findings.requireAtLeast(1, decision.version(), "decision.version");
        findings.requireBetween(0, decision.threshold(), 1, "decision.threshold", "");
        findings.requireBetween(0, decision.abstainBelow(), 1, "decision.abstain-below", "");
    }

    private void limits() {
        Limits limits = card.limits();
        findings.requireAtLeast(1, limits.bytes(), "limits.bytes");
        findings.requireAtLeast(1, limits.pixels(), "limits.pixels");
        findings.require(
                limits.seconds() > 0, "limits.seconds", "%s must be above 0 seconds".formatted(limits.seconds()));
        findings.requireAtLeast(1, limits.characters(), "limits.characters");
    }

    /** Far beyond what any model needs, and still far from where float64 overflows. */
    private void calibration() {
        card.calibration().ifPresent(calibration -> {
            findings.requireBetween(0.01, calibration.temperature(), 100, "calibration.temperature", "");
            findings.requireAtLeast(1, calibration.rows(), "calibration.rows");
        });
    }
}
