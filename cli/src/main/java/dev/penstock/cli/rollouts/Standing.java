package dev.penstock.cli.rollouts;

import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.VersionStanding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a model's rollout stands.
 *
 * @param champion who answers by default; empty while nothing of the model may serve
 * @param candidate the version on trial
 * @param stage of the version on trial, else of the champion; {@code not-watched} where no rollout job decides
 * @param share of entities that the candidate answers for
 * @param since when it entered that stage; empty where nobody knows
 * @param holdsFrom requests of which time on; empty where no rollout job decides
 * @param versions each that the rollout job knows
 */
record Standing(
        String model,
        Optional<Integer> champion,
        Optional<Integer> candidate,
        String stage,
        double share,
        boolean paused,
        Optional<String> since,
        Optional<String> holdsFrom,
        String because,
        List<VersionStanding> versions) {
    Standing {
        versions = List.copyOf(versions);
    }

    /** Of two states of one model, in the order in which they were written. */
    static RolloutState newer(RolloutState one, RolloutState next) {
        return next.getChangedAt().isBefore(one.getChangedAt()) ? one : next;
    }

    static Standing of(RolloutState state) {
        RolloutStep step = state.getSteps().get(state.getSteps().size() - 1);
        int shown = step.getCandidate() == null ? step.getChampion() : step.getCandidate();
        Optional<VersionStanding> standing = state.getVersions().stream()
                .filter(version -> version.getVersion() == shown)
                .findFirst();
        return new Standing(
                state.getModel(),
                Optional.of(step.getChampion()),
                Optional.ofNullable(step.getCandidate()),
                standing.map(version -> Words.of(version.getStage())).orElse("unknown"),
                step.getShare(),
                state.getPaused(),
                standing.map(version -> Words.time(version.getSince())),
                Optional.of(step.getHoldsFrom().toString()),
                standing.map(VersionStanding::getBecause).orElse(""),
                state.getVersions());
    }

    /** Of a model that no rollout job has seen: the jobs then serve its highest version that was not refused. */
    static Standing unwatched(String model, List<ModelVersion> published) {
        Optional<Integer> highest = published.stream()
                .filter(version -> version.getRefusedBecause().isEmpty())
                .map(ModelVersion::getVersion)
                .max(Integer::compare);
        return new Standing(
                model,
                highest,
                Optional.empty(),
                "not-watched",
                0,
                false,
                Optional.empty(),
                Optional.empty(),
                highest.isPresent()
                        ? "no rollout job has seen it: the highest version that was not refused serves"
                        : "every version was refused",
                List.of());
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model", model);
        json.put("champion", champion.orElse(null));
        json.put("candidate", candidate.orElse(null));
        json.put("stage", stage);
        json.put("share", share);
        json.put("paused", paused);
        json.put("since", since.orElse(null));
        json.put("holdsFrom", holdsFrom.orElse(null));
        json.put("because", because);
        List<Map<String, Object>> all = new ArrayList<>();
        for (VersionStanding version : versions) {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("version", version.getVersion());
            each.put("stage", Words.of(version.getStage()));
            each.put("since", version.getSince().toString());
            each.put("because", version.getBecause());
            all.add(each);
        }
        json.put("versions", all);
        return json;
    }
}
