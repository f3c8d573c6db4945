package dev.penstock.models.preprocessing;

import dev.penstock.models.card.DecisionPolicy;
import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Image;
import dev.penstock.models.card.InputSpec.PixelScale;
import dev.penstock.models.card.Limits;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.NumberType;
import dev.penstock.models.card.OutputSpec;
import dev.penstock.models.card.Task;
import dev.penstock.schemas.Modality;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Cards of models that only their inputs matter of. */
final class Cards {
    private Cards() {}

    static ModelCard reading(Modality modality, InputSpec... inputs) {
        return reading(modality, Limits.usual(), inputs);
    }

    static ModelCard reading(Modality modality, Limits limits, InputSpec... inputs) {
        List<String> labels = List.of("no", "yes");
        return new ModelCard(
                "model",
                1,
                "",
                Task.BINARY,
                modality,
                labels,
                Optional.empty(),
                Set.of(),
                OptionalInt.empty(),
                List.of(inputs),
                List.of(new OutputSpec("scores", OutputSpec.Kind.PROBABILITIES, labels, true, 2)),
                new DecisionPolicy(1, 0.5, 0),
                limits,
                Map.of(),
                Map.of());
    }

    /** float32 from 0 to 255, stretched. */
    static Image image(String name, int width, int height, int channels) {
        return new Image(
                name,
                width,
                height,
                channels,
                NumberType.FLOAT32,
                new PixelScale(0, 255, List.of(), List.of()),
                Image.Resize.NEAREST,
                Image.Fit.STRETCH,
                Image.ChannelOrder.RGB,
                Image.Layout.CHANNELS_LAST);
    }
}
