package dev.penstock.models.preprocessing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.preprocessing.Example.Value;
import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.VectorPayload;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Records of named features, or of bare numbers in the order of the card: that of its inputs and, in each, of its
 * features. Features that the model does not know are left alone.
 */
final class RecordPayloads implements PayloadReader {
    private final List<InputSpec> specs;
    private final int features;
    private final boolean named;
    /** Inputs of which a feature is a place in a list. */
    private final Set<InputSpec> categorical;

    RecordPayloads(List<InputSpec> specs) {
        this.specs = List.copyOf(specs);
        int count = 0;
        // By identity: features may be thousands, and two inputs are never one object.
        Set<InputSpec> places = Collections.newSetFromMap(new IdentityHashMap<>());
        for (InputSpec spec : specs) {
            if (spec instanceof InputSpec.Features input) {
                count += input.features().size();
                if (input.features().stream()
                        .anyMatch(feature -> !feature.categories().isEmpty())) {
                    places.add(spec);
                }
            }
        }
        this.features = count;
        this.categorical = places;
        this.named = specs.stream().anyMatch(InputSpec.Category.class::isInstance);
    }

    @Override
    public List<Value> read(Object payload) throws UnusablePayloadException {
        return payload instanceof VectorPayload vector
                ? read(vector)
                : read(PayloadReader.expect(FeaturesPayload.class, payload));
    }

    private List<Value> read(FeaturesPayload payload) throws UnusablePayloadException {
        Map<String, Double> numbers = payload.getNumbers() == null ? Map.of() : payload.getNumbers();
        Map<String, String> categories = payload.getCategories() == null ? Map.of() : payload.getCategories();
        checkNothingMissing(numbers, categories);
        List<Value> values = new ArrayList<>(specs.size());
        for (InputSpec spec : specs) {
            if (spec instanceof InputSpec.Features input) {
                float[] row = new float[input.features().size()];
                for (int index = 0; index < row.length; index++) {
                    row[index] = value(input.features().get(index), numbers, categories);
                }
                values.add(new Value.Floats(row));
            } else if (spec instanceof InputSpec.Category input) {
                String category = categories.getOrDefault(input.feature(), input.missing());
                values.add(new Value.Bytes(category.getBytes(UTF_8)));
            } else {
                values.add(constant(spec));
            }
        }
        return values;
    }

    /** All of them at once, so that a producer need not find them one by one. */
    private void checkNothingMissing(Map<String, Double> numbers, Map<String, String> categories)
            throws UnusablePayloadException {
        Set<String> missing = new LinkedHashSet<>();
        for (InputSpec spec : specs) {
            if (spec instanceof InputSpec.Features input) {
                for (InputSpec.Feature feature : input.features()) {
                    if (feature.missing().isEmpty()
                            && !numbers.containsKey(feature.name())
                            && !categories.containsKey(feature.name())) {
                        missing.add(feature.name());
                    }
                }
            } else if (spec instanceof InputSpec.Category input
                    && input.missing().isEmpty()
                    && !categories.containsKey(input.feature())) {
                missing.add(input.feature());
            }
        }
        if (!missing.isEmpty()) {
            throw new UnusablePayloadException(
                    DeadLetterCode.MISSING_FEATURE,
                    "Cannot read record: it has no value for %s".formatted(String.join(", ", missing)));
        }
    }

    private static float value(InputSpec.Feature feature, Map<String, Double> numbers, Map<String, String> categories)
            throws UnusablePayloadException {
        String name = feature.name();
        if (feature.categories().isEmpty()) {
            if (categories.containsKey(name)) {
                throw invalidFeature("Cannot read feature '%s': it is the text '%s', a number is needed"
                        .formatted(name, shortened(categories.get(name))));
            }
            Double number = numbers.get(name);
            return number == null ? otherwise(feature) : finite(name, number);
        }
        if (numbers.containsKey(name)) {
            throw invalidFeature("Cannot read feature '%s': it is the number %s, one of %s is needed"
                    .formatted(name, numbers.get(name), some(feature.categories())));
        }
        String category = categories.get(name);
        if (category == null) {
            return otherwise(feature);
        }
        int place = feature.categories().indexOf(category);
        if (place < 0) {
            throw invalidFeature("Cannot read feature '%s': '%s' is none of %s"
                    .formatted(name, shortened(category), some(feature.categories())));
        }
        return place;
    }

    private static float otherwise(InputSpec.Feature feature) throws UnusablePayloadException {
        OptionalDouble missing = feature.missing();
        if (missing.isEmpty()) {
            throw new UnusablePayloadException(
                    DeadLetterCode.MISSING_FEATURE,
                    "Cannot read record: it has no value for %s".formatted(feature.name()));
        }
        return (float) missing.getAsDouble();
    }

    private List<Value> read(VectorPayload payload) throws UnusablePayloadException {
        if (named) {
            throw new UnusablePayloadException(
                    DeadLetterCode.WRONG_PAYLOAD,
                    "Cannot read VectorPayload: the model reads categories by name; send FeaturesPayload");
        }
        ByteBuffer bytes = payload.getValues();
        if (bytes == null || !bytes.hasRemaining()) {
            throw new UnusablePayloadException(DeadLetterCode.EMPTY_PAYLOAD, "Cannot read vector: it has no bytes");
        }
        if (bytes.remaining() != features * Float.BYTES) {
            throw invalidFeature("Cannot read vector: it has %d bytes, %d features need %d"
                    .formatted(bytes.remaining(), features, features * Float.BYTES));
        }
        ByteBuffer vector = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        List<Value> values = new ArrayList<>(specs.size());
        for (InputSpec spec : specs) {
            if (spec instanceof InputSpec.Features input) {
                values.add(row(input, vector));
            } else {
                values.add(constant(spec));
            }
        }
        return values;
    }

    /** Numbers stay as they came: vectors are long, and hardly ever wrong. */
    private Value row(InputSpec.Features input, ByteBuffer vector) throws UnusablePayloadException {
        int length = input.features().size() * Float.BYTES;
        ByteBuffer packed = vector.slice(vector.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        vector.position(vector.position() + length);
        if (!categorical.contains(input) && FiniteFloats.areAll(packed)) {
            return Value.Floats.packed(packed);
        }
        float[] row = new float[input.features().size()];
        packed.asFloatBuffer().get(row);
        for (int index = 0; index < row.length; index++) {
            row[index] = checked(input.features().get(index), row[index]);
        }
        return new Value.Floats(row);
    }

    private static float checked(InputSpec.Feature feature, float value) throws UnusablePayloadException {
        float finite = finite(feature.name(), value);
        int categories = feature.categories().size();
        if (categories > 0 && (finite < 0 || finite >= categories || finite != Math.rint(finite))) {
            throw invalidFeature("Cannot read feature '%s': %s is no place in a list of %d categories"
                    .formatted(feature.name(), finite, categories));
        }
        return finite;
    }

    private static float finite(String name, double value) throws UnusablePayloadException {
        float narrowed = (float) value;
        if (!Float.isFinite(narrowed)) {
            throw new UnusablePayloadException(
                    DeadLetterCode.NON_FINITE_FEATURE,
                    Double.isFinite(value)
                            ? "Cannot read feature '%s': %s is beyond the range of float32".formatted(name, value)
                            : "Cannot read feature '%s': it is %s".formatted(name, value));
        }
        return narrowed;
    }

    private static Value constant(InputSpec spec) {
        if (spec instanceof InputSpec.Constant constant) {
            return new Value.Floats(new float[] {(float) constant.value()});
        }
        throw new IllegalStateException("Cannot fill input '%s' from a record".formatted(spec.name()));
    }

    private static UnusablePayloadException invalidFeature(String reason) {
        return new UnusablePayloadException(DeadLetterCode.INVALID_FEATURE, reason);
    }

    private static String some(List<String> categories) {
        return categories.size() <= 10
                ? String.join(", ", categories)
                : "%s and %d more".formatted(String.join(", ", categories.subList(0, 10)), categories.size() - 10);
    }

    private static String shortened(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }

    @Override
    public DeadLetterCode invalid() {
        return DeadLetterCode.INVALID_FEATURE;
    }
}
