package dev.penstock.models.learning;

import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.judging.GateReport;

/**
 * A version that was made.
 *
 * @param bundle complete but for the signature
 * @param report what the gates found; a refused version is published as such
 * @param loss mean over the last epoch's steps
 * @param training examples that it learned from
 * @param unusable examples that could not be learned from: their payload cannot be read, or the model has no such label
 */
public record Candidate(Bundle bundle, GateReport report, double loss, int training, int unusable) {}
