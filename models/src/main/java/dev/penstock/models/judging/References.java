package dev.penstock.models.judging;

import dev.penstock.models.Verdict;
import dev.penstock.schemas.Distribution;
import dev.penstock.schemas.DriftReference;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.LabelledExample;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.datasketches.kll.KllFloatsSketch;

/**
 * Describes how values were distributed where a version was judged.
 *
 * <p>A sketch decides by chance what it forgets, and a version's digest must not. So of more values than fit it gets as
 * many of their quantiles as do, evenly spaced: nothing is forgotten then, no value's rank is off by more than half a
 * step of 1/{@value #K}, and the same values give the same bytes. Its own count is then {@value #K}: how many rows there
 * were is in the reference's {@code rows}.
 */
public final class References {
    static final int K = 200;
    /** The word for what was decided where nothing was; as whoever watches drift calls it. */
    private static final String ABSTAINED = "";

    private static final String FEATURE = "feature.";
    private static final String ROLLING = "rolling.";
    /** What is announced with a version must stay small. */
    private static final int MOST_DISTRIBUTIONS = 300;

    private References() {}

    /** @throws IllegalArgumentException if there is no answer */
    public static DriftReference of(Answers answers) {
        List<Answer> all = answers.all();
        if (all.isEmpty()) {
            throw new IllegalArgumentException(
                    "Cannot describe how values are distributed: model '%s' was asked nothing"
                            .formatted(answers.card().name()));
        }
        Map<String, List<Float>> numbers = new TreeMap<>();
        Map<String, Long> decisions = new TreeMap<>();
        for (Answer answer : all) {
            LabelledExample example = answer.example();
            if (example.getPayload() instanceof FeaturesPayload payload) {
                payload.getNumbers().forEach((name, value) -> add(numbers, FEATURE + name, value));
            }
            example.getFeatures().forEach((name, value) -> add(numbers, ROLLING + name, value));
            answer.scores().ifPresent(scores -> {
                for (int label = 0; label < scores.labels().size(); label++) {
                    add(numbers, "score." + scores.labels().get(label), scores.score(label));
                }
            });
            Verdict verdict = answer.verdict().orElse(null);
            if (verdict instanceof Verdict.Decided decided) {
                add(numbers, "confidence", decided.confidence());
                decisions.merge(decided.label(), 1L, Long::sum);
            } else if (verdict instanceof Verdict.Abstained abstained) {
                abstained.confidence().ifPresent(confidence -> add(numbers, "confidence", confidence));
                decisions.merge(ABSTAINED, 1L, Long::sum);
            }
        }
        Map<String, Distribution> distributions = new TreeMap<>();
        if (!decisions.isEmpty()) {
            distributions.put("decision", new Distribution(null, decisions));
        }
        // Scores and confidence first: they are few, and wanted most.
        for (String name : numbers.keySet().stream()
                .sorted(Comparator.comparing(References::isOfTheRequest).thenComparing(Comparator.naturalOrder()))
                .limit(MOST_DISTRIBUTIONS)
                .toList()) {
            distributions.put(name, new Distribution(sketch(numbers.get(name)), Map.of()));
        }
        return new DriftReference((long) all.size(), distributions);
    }

    private static boolean isOfTheRequest(String name) {
        return name.startsWith(FEATURE) || name.startsWith(ROLLING);
    }

    private static void add(Map<String, List<Float>> numbers, String name, double value) {
        float single = (float) value;
        if (Float.isFinite(single)) {
            numbers.computeIfAbsent(name, key -> new ArrayList<>()).add(single);
        }
    }

    private static ByteBuffer sketch(List<Float> values) {
        List<Float> rising = values.stream().sorted().toList();
        KllFloatsSketch sketch = KllFloatsSketch.newHeapInstance(K);
        int kept = Math.min(K, rising.size());
        for (int rank = 0; rank < kept; rank++) {
            // The middle of each of equal parts; every value where there are no more than fit.
            int place = (int) ((2L * rank + 1) * rising.size() / (2L * kept));
            sketch.update(rising.get(place));
        }
        return ByteBuffer.wrap(sketch.toByteArray());
    }
}
