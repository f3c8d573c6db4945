package dev.penstock.models.features;

import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.pipelines.Aggregate;
import dev.penstock.schemas.pipelines.RequestField;
import dev.penstock.schemas.pipelines.Rolling;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All rolling features of a pipeline: what they need of a request, and how each group computes its own. Immutable. */
public final class RollingPlan {
    private final List<KeyPlan> groups;
    private final List<RequestField> keys;
    private final List<String> numbers;
    private final List<RequestField> values;
    private final List<String> featureNames;

    /** @param groups in the order in which their features are numbered */
    public RollingPlan(Collection<Rolling> groups) {
        Set<String> numberNames = new LinkedHashSet<>();
        Set<RequestField> valueFields = new LinkedHashSet<>();
        for (Rolling group : groups) {
            for (Aggregate aggregate : group.features().values()) {
                aggregate.number().ifPresent(numberNames::add);
                aggregate.field().ifPresent(valueFields::add);
            }
        }
        this.keys = groups.stream().map(Rolling::key).toList();
        this.numbers = List.copyOf(numberNames);
        this.values = List.copyOf(valueFields);
        List<String> names = new ArrayList<>();
        List<KeyPlan> plans = new ArrayList<>();
        for (Rolling group : groups) {
            plans.add(new KeyPlan(group, names.size(), numbers, values));
            names.addAll(group.features().keySet());
        }
        this.groups = List.copyOf(plans);
        this.featureNames = List.copyOf(names);
    }

    public List<KeyPlan> groups() {
        return groups;
    }

    /** Names of the features of all groups, in the order of the arrays that they are computed into. */
    public List<String> featureNames() {
        return featureNames;
    }

    /** What the groups need of the request; of a payload without named features they see keys and time only. */
    public Observation observe(InferenceRequest request) {
        @Nullable String[] keyValues = new String[keys.size()];
        double[] numberValues = new double[numbers.size()];
        @Nullable String[] fieldValues = new String[values.size()];
        for (int index = 0; index < keyValues.length; index++) {
            keyValues[index] = value(request, keys.get(index));
        }
        for (int index = 0; index < numberValues.length; index++) {
            numberValues[index] = number(request, numbers.get(index));
        }
        for (int index = 0; index < fieldValues.length; index++) {
            fieldValues[index] = value(request, values.get(index));
        }
        return new Observation(request.getEventTime().toEpochMilli(), keyValues, numberValues, fieldValues);
    }

    private static @Nullable String value(InferenceRequest request, RequestField field) {
        if (field.kind() == RequestField.Kind.ENTITY) {
            return request.getEntityId();
        }
        if (!(request.getPayload() instanceof FeaturesPayload payload)) {
            return null;
        }
        if (field.kind() == RequestField.Kind.CATEGORY) {
            return payload.getCategories().get(field.name());
        }
        Double number = payload.getNumbers().get(field.name());
        return number == null ? null : number.toString();
    }

    /** Neither infinite: one such event would spoil every sum that it is in. */
    private static double number(InferenceRequest request, String name) {
        if (!(request.getPayload() instanceof FeaturesPayload payload)) {
            return Double.NaN;
        }
        Map<String, Double> numbers = payload.getNumbers();
        double number = numbers.getOrDefault(name, Double.NaN);
        return Double.isFinite(number) ? number : Double.NaN;
    }
}
