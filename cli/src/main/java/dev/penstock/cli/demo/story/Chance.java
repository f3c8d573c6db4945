package dev.penstock.cli.demo.story;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.schemas.Prediction;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Chance that is the same for the same request, whenever it is asked for: not in the order in which predictions happen to
 * arrive, and unrelated to how entities are assigned and examples held out.
 */
final class Chance {
    private final String purpose;
    private final long seed;

    /** @param purpose so that what is decided for one purpose says nothing about another */
    Chance(String purpose, long seed) {
        this.purpose = purpose;
        this.seed = seed;
    }

    SplittableRandom of(Prediction prediction) {
        String name = String.join(
                "\u001f", purpose, Long.toString(seed), prediction.getPipeline(), prediction.getRequestId());
        return new SplittableRandom(UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).getMostSignificantBits());
    }

    /** Any label but one. */
    static String other(List<String> labels, String than, SplittableRandom random) {
        List<String> others =
                labels.stream().filter(label -> !label.equals(than)).toList();
        if (others.isEmpty()) {
            throw new IllegalArgumentException(
                    "Cannot mistake '%s' for another label: there is none among %s".formatted(than, labels));
        }
        return others.get(random.nextInt(others.size()));
    }
}
