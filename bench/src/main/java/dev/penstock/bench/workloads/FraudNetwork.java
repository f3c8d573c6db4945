package dev.penstock.bench.workloads;

import dev.penstock.models.architectures.Architecture;
import dev.penstock.models.architectures.RecordClassifier;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.card.InputSpec.Feature;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.Modality;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/** The fraud network over the fifteen features of the Fraud Detection Handbook's baseline, each by its name. */
final class FraudNetwork implements Workload {
    private static final int PAYLOADS = 4_096;
    private static final List<String> FEATURES = List.of(
            "amount",
            "weekend",
            "night",
            "card-count-1d",
            "card-mean-1d",
            "card-count-7d",
            "card-mean-7d",
            "card-count-30d",
            "card-mean-30d",
            "terminal-count-1d",
            "terminal-fraud-1d",
            "terminal-count-7d",
            "terminal-fraud-7d",
            "terminal-count-30d",
            "terminal-fraud-30d");

    private static final Architecture NETWORK = new RecordClassifier(
            List.of("genuine", "fraud"),
            FEATURES.stream()
                    .map(name -> new Feature(name, OptionalDouble.empty(), List.of()))
                    .toList(),
            RecordClassifier.Size.usual());

    @Override
    public String name() {
        return "fraud";
    }

    @Override
    public String description() {
        return NETWORK.description() + " by name";
    }

    @Override
    public Modality modality() {
        return Modality.RECORD;
    }

    @Override
    public Weight weight() {
        return Weight.LIGHT;
    }

    @Override
    public List<Object> payloads() {
        SplittableRandom random = new SplittableRandom(20);
        List<Object> payloads = new ArrayList<>(PAYLOADS);
        for (int number = 0; number < PAYLOADS; number++) {
            Map<String, Double> numbers = new HashMap<>();
            for (String feature : FEATURES) {
                numbers.put(feature, Math.rint(random.nextDouble() * 10_000) / 100);
            }
            payloads.add(new FeaturesPayload(numbers, Map.of()));
        }
        return payloads;
    }

    @Override
    public Bundle build(Path directory) throws IOException {
        return TrainedNetwork.build(name(), NETWORK, payloads(), directory);
    }
}
