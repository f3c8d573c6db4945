package dev.penstock.cli.demo.story;

import dev.penstock.models.Scores;
import dev.penstock.models.Verdict;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How good versions are on the very same events. What they served tells it less well: each met other events, and the
 * later ones may be harder.
 */
public final class SameEvents {
    private static final int AT_ONCE = 64;

    private final List<LabelledPayload> events;
    private final TensorFlowRuntime runtime;

    /** @param events that none of the versions was trained on */
    public SameEvents(List<LabelledPayload> events, TensorFlowRuntime runtime) {
        this.events = List.copyOf(events);
        this.runtime = runtime;
    }

    /**
     * What the version decides about each, by its own policy.
     *
     * @throws IllegalArgumentException if it cannot read one
     */
    public Counts judge(Bundle bundle) throws IOException {
        Counts counts = new Counts();
        try (TensorFlowModel model = TensorFlowModel.load(bundle, runtime)) {
            for (int start = 0; start < events.size(); start += AT_ONCE) {
                List<LabelledPayload> some = events.subList(start, Math.min(events.size(), start + AT_ONCE));
                judge(model, bundle, some, counts);
            }
        }
        return counts;
    }

    private static void judge(TensorFlowModel model, Bundle bundle, List<LabelledPayload> some, Counts counts) {
        List<Example> rows = new ArrayList<>();
        for (LabelledPayload event : some) {
            Prepared prepared = model.prepare(event.payload());
            if (!(prepared instanceof Prepared.Ready ready)) {
                throw new IllegalArgumentException(
                        "Cannot judge %s by an event that it cannot read: %s".formatted(bundle, prepared));
            }
            rows.add(ready.example());
        }
        List<Scores> scores = model.score(rows);
        for (int index = 0; index < rows.size(); index++) {
            Verdict verdict = Verdict.of(
                    scores.get(index).deciding(),
                    bundle.card().task(),
                    bundle.card().decision());
            if (verdict instanceof Verdict.Decided decided) {
                counts.add(some.get(index).label(), decided.label());
            } else {
                counts.addAbstention();
            }
        }
    }
}
