package dev.penstock.rollout.decisions;

import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.rollouts.Assignment;
import dev.penstock.schemas.rollouts.Assignments;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Requests, answers and labels of a made-up world that is as awkward as real ones: both versions err on the same hard
 * requests more often than on others, sources come in turns, labels come for a part only, and whoever wants to harm knows
 * what both versions answer.
 */
final class SimulatedTraffic {
    static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");
    private static final int ENTITIES = 20_000;
    private static final int CHAMPION = 1;
    private static final int CANDIDATE = 2;

    private final World world;
    private final Random random;
    private final ModelRollout rollout;
    private Assignments assignments;
    private Instant now = BEGIN;

    long requests;
    long labelsInShadow;
    long answeredByCandidate;
    long requestsUnderTrial;
    double naiveDifference;
    double trueDifference;
    long compared;
    final Set<AlertCode> alerts = new HashSet<>();
    final List<String> alertMessages = new ArrayList<>();
    final List<Double> shares = new ArrayList<>();

    /**
     * @param championErrs probability
     * @param bothErr probability that the candidate errs where the champion does
     * @param newErrs probability that it errs where the champion does not
     * @param labelled share of requests that get a label
     * @param attack on labels
     * @param damage to the candidate once it answers
     */
    record World(double championErrs, double bothErr, double newErrs, double labelled, Attack attack, Damage damage) {
        static World clean(double championErrs, double bothErr, double newErrs) {
            return new World(championErrs, bothErr, newErrs, 0.5, new Attack.None(), Damage.NONE);
        }

        World attackedBy(Attack attacked) {
            return new World(championErrs, bothErr, newErrs, labelled, attacked, damage);
        }

        World damagedBy(Damage damaged) {
            return new World(championErrs, bothErr, newErrs, labelled, attack, damaged);
        }

        /** By how much the candidate errs more, where nobody has tampered with it. */
        double difference() {
            return championErrs * bothErr + (1 - championErrs) * newErrs - championErrs;
        }
    }

    /** What is done to labels. */
    sealed interface Attack {
        record None() implements Attack {}

        /** Each label is turned with this probability. */
        record Flips(double share) implements Attack {}

        /** In one slice of 15 % the candidate errs with this probability, and each label there says that it was right. */
        record Slice(double candidateErrs) implements Attack {}

        /** One source says as much as all others together times this, always that the candidate was right. */
        record Flood(double times) implements Attack {}
    }

    /** What goes wrong once the candidate answers requests. */
    enum Damage {
        NONE,
        ERRS,
        FAILS,
        SLOWS,
        ABSTAINS,
        LOSES_CONFIDENCE
    }

    SimulatedTraffic(World world, RolloutPlan plan, long seed) {
        this.world = world;
        random = new Random(seed);
        rollout = ModelRollout.begin("spam", plan, Duration.ofDays(7));
        decide(rollout.on(new Happening.Announced(List.of(version(CHAMPION))), now));
        decide(rollout.on(new Happening.Announced(List.of(version(CANDIDATE))), now));
    }

    static ModelVersion version(int number, String... refusedBecause) {
        return ModelVersion.newBuilder()
                .setModel("spam")
                .setVersion(number)
                .setModality(Modality.TEXT)
                .setDigest("0".repeat(64))
                .setSizeBytes(1)
                .setCard("")
                .setLocation(
                        ArtifactLocation.newBuilder().setUri("file:///none").build())
                .setPublishedAt(BEGIN)
                .setRefusedBecause(List.of(refusedBecause))
                .build();
    }

    /** Goes on until the candidate's trial is over, or so many requests have come. */
    SimulatedTraffic run(long most) {
        while (requests < most && rollout.candidate().isPresent()) {
            request();
        }
        return this;
    }

    RolloutStage stage() {
        return rollout.state().orElseThrow().getVersions().get(1).getStage();
    }

    String because() {
        return rollout.state().orElseThrow().getVersions().get(1).getBecause();
    }

    private void request() {
        requests++;
        now = now.plusSeconds(1);
        String entity = "entity-" + random.nextInt(ENTITIES);
        boolean truth = random.nextDouble() < 0.4;
        String country = random.nextDouble() < 0.15 ? "XX" : random.nextDouble() < 0.6 ? "FR" : "DE";
        boolean attackedSlice = world.attack() instanceof Attack.Slice && country.equals("XX");

        boolean championErrs = random.nextDouble() < world.championErrs();
        double candidateErrs = championErrs ? world.bothErr() : world.newErrs();
        if (attackedSlice) {
            candidateErrs = ((Attack.Slice) world.attack()).candidateErrs();
        }
        boolean candidateIsWrong = random.nextDouble() < candidateErrs;
        Assignment assignment = assignments.of(entity, now.toEpochMilli());
        boolean damaged = world.damage() == Damage.ERRS && assignment.variant() == Variant.CANARY;
        if (damaged && random.nextDouble() < 0.35) {
            candidateIsWrong = true;
        }
        boolean byChampion = truth ^ championErrs;
        boolean byCandidate = truth ^ candidateIsWrong;
        Map<String, String> attributes = Map.of("country", country);

        Answer champion = answer(CHAMPION, assignment.variant(), byChampion, championErrs, Damage.NONE);
        boolean shadows = assignment.shadow().isPresent();
        boolean canary = assignment.variant() == Variant.CANARY;
        Answer candidate = answer(
                CANDIDATE,
                shadows ? Variant.SHADOW : Variant.CANARY,
                byCandidate,
                candidateIsWrong,
                canary ? world.damage() : Damage.NONE);
        requestsUnderTrial += shadows ? 0 : 1;
        answeredByCandidate += canary ? 1 : 0;
        decide(rollout.on(new Happening.Served(canary ? candidate : champion, attributes), now));
        if (shadows) {
            decide(rollout.on(new Happening.Shadowed(champion, candidate, attributes), now));
        }
        if (random.nextDouble() < world.labelled()) {
            label(truth, byCandidate, attackedSlice, champion, candidate, shadows, canary, attributes);
        }
    }

    private void label(
            boolean truth,
            boolean byCandidate,
            boolean attackedSlice,
            Answer champion,
            Answer candidate,
            boolean shadows,
            boolean canary,
            Map<String, String> attributes) {
        String saidBy = List.of("anna", "ben", "carla", "dora").get(random.nextInt(4));
        boolean said = truth;
        if (world.attack() instanceof Attack.Flips flips && random.nextDouble() < flips.share()) {
            said = !truth;
        } else if (attackedSlice) {
            said = byCandidate;
        } else if (world.attack() instanceof Attack.Flood flood
                && random.nextDouble() < flood.times() / (1 + flood.times())) {
            saidBy = "flood";
            said = byCandidate;
        }
        Label label = new Label(said ? "spam" : "ham", FeedbackSource.HUMAN, saidBy, 1, 1, Duration.ofHours(2));
        if (shadows) {
            labelsInShadow++;
            compared++;
            naiveDifference += loss(candidate, said) - loss(champion, said);
            trueDifference += loss(candidate, truth) - loss(champion, truth);
            decide(rollout.on(new Happening.ShadowedLabelled(champion, candidate, label, attributes), now));
        } else {
            decide(rollout.on(new Happening.ServedLabelled(canary ? candidate : champion, label, attributes), now));
        }
    }

    private static double loss(Answer answer, boolean truth) {
        return answer.label()
                .map(label -> label.equals(truth ? "spam" : "ham") ? 0.0 : 1.0)
                .orElse(0.5);
    }

    private Answer answer(int version, Variant variant, boolean spam, boolean errs, Damage damage) {
        boolean fails = damage == Damage.FAILS && random.nextDouble() < 0.1;
        boolean abstains = fails || random.nextDouble() < (damage == Damage.ABSTAINS ? 0.3 : 0.03);
        double confidence = (errs ? 0.5 : 0.7) + random.nextDouble() * 0.3;
        double micros = Math.exp(7 + random.nextGaussian() * 0.4);
        return new Answer(
                version,
                variant,
                abstains ? Optional.empty() : Optional.of(spam ? "spam" : "ham"),
                damage == Damage.LOSES_CONFIDENCE ? confidence / 2 : confidence,
                fails,
                false,
                (long) (damage == Damage.SLOWS ? micros * 5 : micros));
    }

    private void decide(Decisions decisions) {
        decisions.state().ifPresent(state -> {
            assignments = new Assignments(state);
            shares.add(state.getSteps().get(state.getSteps().size() - 1).getShare());
        });
        for (Alert alert : decisions.alerts()) {
            alerts.add(alert.getCode());
            alertMessages.add(alert.getMessage());
        }
    }
}
