package dev.penstock.models.features;

import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.pipelines.Rolling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes rolling features as the inference job does, with all keys in memory: for training on events of the past. Not
 * thread-safe.
 */
public final class RollingMemory {
    private final RollingPlan plan;
    private final List<Map<String, KeyHistory>> histories = new ArrayList<>();

    public RollingMemory(Collection<Rolling> groups) {
        this.plan = new RollingPlan(groups);
        plan.groups().forEach(group -> histories.add(new HashMap<>()));
    }

    /**
     * Adds an event; they are to come in about the order of their times.
     *
     * @return its features by name, without those that have no value
     */
    public Map<String, Double> observe(InferenceRequest event) {
        Observation observation = plan.observe(event);
        double[] features = new double[plan.featureNames().size()];
        Arrays.fill(features, Double.NaN);
        for (int group = 0; group < histories.size(); group++) {
            String key = observation.keys()[group];
            if (key != null) {
                history(group, key).observe(observation, features);
            }
        }
        Map<String, Double> named = new LinkedHashMap<>();
        for (int feature = 0; feature < features.length; feature++) {
            if (!Double.isNaN(features[feature])) {
                named.put(plan.featureNames().get(feature), features[feature]);
            }
        }
        return named;
    }

    /** Feedback about an event that was added before; once for each, as only the last word counts. */
    public void label(InferenceRequest event, String label) {
        Observation observation = plan.observe(event);
        for (int group = 0; group < histories.size(); group++) {
            String key = observation.keys()[group];
            if (key != null) {
                history(group, key).label(observation.eventTime(), label, 1);
            }
        }
    }

    private KeyHistory history(int group, String key) {
        KeyPlan groupPlan = plan.groups().get(group);
        return histories.get(group).computeIfAbsent(key, absent -> groupPlan.history(null));
    }
}
