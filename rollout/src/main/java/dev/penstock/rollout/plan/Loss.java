package dev.penstock.rollout.plan;

import dev.penstock.schemas.configuration.Checks;
import dev.penstock.schemas.configuration.Default;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a decision costs once it is known what it should have been. */
public sealed interface Loss extends Serializable {

    /** @param decided the label decided for; empty if the version abstained or failed */
    double of(Optional<String> decided, String truth);

    /** The most that one decision can cost, above 0: the least is 0. */
    double largest();

    /**
     * A wrong decision costs 1, a right one nothing.
     *
     * @param abstained what deciding nothing costs, 0 to 1: were it free, a version that never decides would win
     */
    record Errors(@Default("0.5") double abstained) implements Loss {
        public Errors {
            new Checks()
                    .require(
                            abstained >= 0 && abstained <= 1,
                            "abstained",
                            "%s is not between 0 and 1".formatted(abstained))
                    .refuse("errors as the loss");
        }

        @Override
        public double of(Optional<String> decided, String truth) {
            return decided.map(label -> label.equals(truth) ? 0.0 : 1.0).orElse(abstained);
        }

        @Override
        public double largest() {
            return 1;
        }
    }

    /**
     * A wrong decision costs what stands in a table, in any unit: margins are in the same.
     *
     * @param deciding cost of deciding for the first label when it was the second, 0 or more; a right decision that is not
     *     named costs nothing
     * @param abstained what deciding nothing costs, 0 or more
     * @param otherwise what a wrong decision costs that is not named, 0 or more
     */
    record Costs(
            Map<String, Map<String, Double>> deciding,
            @Default("0.5") double abstained,
            @Default("1") double otherwise) implements Loss {
        public Costs {
            deciding = deciding.entrySet().stream()
                    .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, entry -> Map.copyOf(entry.getValue())));
            new Checks()
                    .require(!deciding.isEmpty(), "deciding", "there is none; name a cost, or use errors as the loss")
                    .require(
                            deciding.values().stream()
                                    .flatMap(costs -> costs.values().stream())
                                    .allMatch(Costs::isCost),
                            "deciding",
                            "a cost in %s is negative or not finite".formatted(deciding))
                    .require(isCost(abstained), "abstained", "%s is negative or not finite".formatted(abstained))
                    .require(
                            isCost(otherwise) && otherwise > 0,
                            "otherwise",
                            "%s is not a positive, finite number".formatted(otherwise))
                    .refuse("costs as the loss");
        }

        @Override
        public double of(Optional<String> decided, String truth) {
            if (decided.isEmpty()) {
                return abstained;
            }
            String label = decided.get();
            return deciding.getOrDefault(label, Map.of()).getOrDefault(truth, label.equals(truth) ? 0 : otherwise);
        }

        @Override
        public double largest() {
            return deciding.values().stream()
                    .flatMap(costs -> costs.values().stream())
                    .mapToDouble(Double::doubleValue)
                    .reduce(Math.max(abstained, otherwise), Math::max);
        }

        private static boolean isCost(double cost) {
            return cost >= 0 && Double.isFinite(cost);
        }
    }
}
