package dev.penstock.rollout.decisions;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.rollout.decisions.Happening.Overruled;
import dev.penstock.rollout.decisions.Happening.ServedLabelled;
import dev.penstock.rollout.decisions.Happening.Shadowed;
import dev.penstock.rollout.decisions.Happening.ShadowedLabelled;
import dev.penstock.rollout.decisions.Happening.Ticked;
import dev.penstock.rollout.plan.RolloutPlan;
import dev.penstock.rollout.plan.RolloutPlans;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.configuration.ConfigurationFile;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which labels are believed, and what becomes of those that are changed. */
class LabelsTest extends RolloutScenario {
    @Test
    void labelsOfSystemsAndLabelsThatComeTooEarlyDoNotCount() {
        RolloutPlan plan = RolloutPlan.production();
        rollout = ModelRollout.begin("spam", plan, RETENTION);
        announce(1);
        announce(2);

        label(label(FeedbackSource.SYSTEM, Duration.ofDays(30)));
        label(label(FeedbackSource.HUMAN, Duration.ofMinutes(59)));
        label(label(FeedbackSource.OUTCOME, Duration.ofDays(6)));
        assertThat(labelsCounted()).isZero();

        label(label(FeedbackSource.HUMAN, Duration.ofHours(1)));
        label(label(FeedbackSource.OUTCOME, Duration.ofDays(7)));
        label(label(FeedbackSource.APPEAL, Duration.ZERO));
        assertThat(labelsCounted()).isEqualTo(3);
    }

    @Test
    void labelsOfOtherVersionsDoNotCount() {
        announce(1);
        announce(2);

        on(new ShadowedLabelled(
                answer(1, Variant.CHAMPION, true),
                answer(7, Variant.SHADOW, true),
                label(FeedbackSource.HUMAN, Duration.ZERO),
                NONE));

        assertThat(labelsCounted()).isZero();
    }

    @Test
    void oneSourceAlonePromotesNothing() {
        announce(1);
        announce(2);

        shadow(3_000, 0.3, 0.1, "anna");

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
        assertThat(labelsCounted()).isEqualTo(25);
        assertThat(alerts)
                .extracting(Alert::getCode)
                .containsExactly(AlertCode.SUSPICIOUS_LABELS, AlertCode.MISSING_LABELS);
        assertThat(alerts.get(0).getMessage()).contains("source.anna").contains("largest-share to 1");
    }

    @Test
    void aSliceIsToldByHowMuchACandidateMayLoseMoreThere() {
        rollout = ModelRollout.begin(
                "spam", planWith("margin: 0.1, slices: {attributes: [country], margin: 0.05}"), RETENTION);
        announce(1);
        announce(2);

        pair(answer(1, Variant.CHAMPION, true), answer(2, Variant.SHADOW, true), Map.of("country", "FR"));

        assertThat(rollout.evaluation(now).orElseThrow().getChecks())
                .filteredOn(check -> check.getName().equals("slice.country=FR"))
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.getLimit()).isEqualTo(0.1);
                    assertThat(check.getDetail()).endsWith("if it is 0.1000 higher the trial ends");
                });
    }

    @Test
    void nobodyTakesMoreNamesThanThereAreSourcesWhereTheChampionAbstains() {
        announce(1);
        announce(2);
        Answer abstaining = new Answer(1, Variant.CHAMPION, Optional.empty(), 0, false, false, 1_000);

        for (int i = 0; i < 100; i++) {
            Label label = new Label("spam", FeedbackSource.HUMAN, "mallory-" + i, 1, 1, Duration.ZERO);
            on(new ShadowedLabelled(abstaining, answer(2, Variant.SHADOW, true), label, NONE));
        }

        assertThat(new String(rollout.toBytes(), ISO_8859_1).split("source.mallory", -1))
                .hasSize(1 + 16);
    }

    @Test
    void missingLabelsAreToldOfOnceAndHold() {
        announce(1);
        announce(2);

        now = now.plusSeconds(29);
        on(new Ticked());
        assertThat(alerts).isEmpty();
        now = now.plusSeconds(1);
        on(new Ticked());
        now = now.plusSeconds(100);
        on(new Ticked());

        assertThat(alerts).extracting(Alert::getCode).containsExactly(AlertCode.MISSING_LABELS);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
    }

    @Test
    void labelsThatAreOftenOverruledHoldUntilSomebodyHasLooked() {
        announce(1);
        announce(2);
        Label label = label(FeedbackSource.HUMAN, Duration.ZERO);
        Label other = new Label("ham", FeedbackSource.APPEAL, "dora", 1, 1, Duration.ZERO);

        shadow(60, 0.3, 0.1);
        for (int i = 0; i < 20; i++) {
            on(new Overruled(answer(1, Variant.CHAMPION, true), Optional.empty(), label, other, now, NONE));
        }
        shadow(400, 0.3, 0.1);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
        assertThat(alerts).extracting(Alert::getCode).containsExactly(AlertCode.SUSPICIOUS_LABELS);

        command(RolloutAction.RESUME, null);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");
    }

    @Test
    void whatALabelShowedForACandidateIsPaidForWhenItIsChanged() {
        announce(1);
        announce(2);
        shadow(60, 0.3, 0.1);
        byte[] before = rollout.toBytes();
        shadow(740, 0.3, 0.1);
        long needed = labelsCounted();
        rollout = ModelRollout.restore(before, RolloutPlan.demo(), RETENTION);

        changeLabelsThatSpokeForTheCandidate(4);
        rollout = ModelRollout.restore(rollout.toBytes(), RolloutPlan.demo(), RETENTION);
        shadow(740, 0.3, 0.1);

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");
        assertThat(labelsCounted()).isGreaterThan(needed + 20);
        assertThat(lastEvent().getBecause()).contains("4 of them were changed since, which is counted against it");
    }

    @Test
    void aCandidateGoesBackToShadowIfTheLabelsThatLetItLeaveAreChanged() {
        announce(1);
        announce(2);
        shadow(400, 0.3, 0.1);
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");

        changeLabelsThatSpokeForTheCandidate(1);

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
        assertThat(lastStep().getShare()).isZero();
        assertThat(lastEvent().getBecause()).contains("labels that had counted were changed since");
        assertThat(alerts).extracting(Alert::getCode).containsExactly(AlertCode.SUSPICIOUS_LABELS);
        assertThat(labelsCounted()).isZero();
    }

    @Test
    void labelsOfAnotherTrialAndChangesInACandidatesFavourTakeNothing() {
        announce(1);
        announce(2);
        shadow(400, 0.3, 0.1);
        Label ham = new Label("ham", FeedbackSource.HUMAN, "anna", 1, 1, Duration.ZERO);
        Label spam = new Label("spam", FeedbackSource.APPEAL, "dora", 1, 1, Duration.ZERO);
        Optional<Answer> right = Optional.of(answer(2, Variant.SHADOW, true));

        for (int i = 0; i < 3; i++) {
            on(new Overruled(answer(1, Variant.CHAMPION, false), right, ham, spam, now, NONE));
            Instant before = SimulatedTraffic.BEGIN.minus(Duration.ofHours(1));
            on(new Overruled(answer(1, Variant.CHAMPION, false), right, spam, ham, before, NONE));
            on(new Overruled(answer(7, Variant.CHAMPION, false), right, spam, ham, now, NONE));
        }

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");
    }

    /** Labels under traffic are no part of what let it leave. */
    @Test
    void whatLetACandidateLeaveMustStandWithoutASliceHoweverManyLabelsItHasLater() {
        rollout = ModelRollout.begin("spam", planWith("slices: {attributes: [country]}"), RETENTION);
        announce(1);
        announce(2);
        now = now.plusSeconds(3);
        for (int i = 0; i < 400 && stages().contains("2 SHADOW"); i++) {
            // Two of five are from France, where the candidate is better; elsewhere it is hardly.
            boolean isFrench = i % 5 < 2;
            Answer champion = answer(1, Variant.CHAMPION, i % (isFrench ? 2 : 7) > 0);
            pair(champion, answer(2, Variant.SHADOW, true), Map.of("country", isFrench ? "FR" : "DE"));
        }
        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");
        Label label = new Label("spam", FeedbackSource.HUMAN, "anna", 1, 1, Duration.ZERO);
        for (int i = 0; i < 200; i++) {
            on(new ServedLabelled(answer(1, Variant.CONTROL, true), label, Map.of("country", "FR")));
        }

        changeLabelsThatSpokeForTheCandidate(1, Map.of("country", "DE"));

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 SHADOW");
    }

    @Test
    void silenceIsNoSourceThatCouldFloodOrThatAnybodyMustDoWithout() {
        announce(1);
        announce(2);
        now = now.plusSeconds(3);
        for (int i = 0; i < 400 && stages().contains("2 SHADOW"); i++) {
            // Nine of ten are silent; the candidate finds as many of the reported and takes fewer of the others for
            // them.
            boolean isReported = i % 10 == 0;
            Answer champion = answer(1, Variant.CHAMPION, isReported || i % 3 > 0);
            Answer candidate = answer(2, Variant.SHADOW, true);
            Label label = isReported
                    ? new Label("spam", FeedbackSource.OUTCOME, i % 20 == 0 ? "anna" : "ben", 1, 1, Duration.ZERO)
                    : new Label("spam", FeedbackSource.SILENCE, "", 1, 1, Duration.ZERO);
            on(new Shadowed(champion, candidate, NONE));
            if (stages().contains("2 SHADOW")) {
                on(new ShadowedLabelled(champion, candidate, label, NONE));
            }
        }

        assertThat(stages()).isEqualTo("1 CHAMPION, 2 CANARY");
        assertThat(alerts).isEmpty();
    }

    @Test
    void whoBreaksASilenceLaterIsNoSignOfLabelsThatChange() {
        announce(1);
        Label silence = new Label("spam", FeedbackSource.SILENCE, "", 1, 1, Duration.ZERO);
        Label report = new Label("ham", FeedbackSource.OUTCOME, "chargebacks", 1, 1, Duration.ZERO);
        for (int i = 0; i < 100; i++) {
            on(new ServedLabelled(answer(1, Variant.CHAMPION, false), report, NONE));
        }

        for (int i = 0; i < 100; i++) {
            on(new Overruled(answer(1, Variant.CHAMPION, true), Optional.empty(), silence, report, now, NONE));
        }

        assertThat(alerts).isEmpty();
    }

    @Test
    void theChampionsLabelsAreWatchedWithoutATrial() {
        announce(1);
        for (int i = 0; i < 200; i++) {
            champion("country", i % 2 == 0 ? "FR" : "DE", true);
        }

        for (int i = 0; i < 200; i++) {
            on(new ServedLabelled(
                    answer(1, Variant.CHAMPION, i % 3 > 0),
                    new Label("spam", FeedbackSource.HUMAN, i % 2 == 0 ? "anna" : "ben", 1, 1, Duration.ZERO),
                    NONE));
            on(new ServedLabelled(
                    answer(1, Variant.CHAMPION, false),
                    new Label("spam", FeedbackSource.HUMAN, "mallory", 1, 1, Duration.ZERO),
                    NONE));
        }

        assertThat(alerts).extracting(Alert::getMessage).anyMatch(message -> message.contains("source.mallory"));
    }

    private void pair(Answer champion, Answer candidate, Map<String, String> attributes) {
        on(new Shadowed(champion, candidate, attributes));
        if (stages().contains("2 SHADOW")) {
            Label label = new Label("spam", FeedbackSource.HUMAN, "anna", 1, 1, Duration.ZERO);
            on(new ShadowedLabelled(champion, candidate, label, attributes));
        }
    }

    /** The demo's, but for what is named, and all labels may come from one source. */
    private static RolloutPlan planWith(String changes) {
        return ConfigurationFile.parse(
                        "plans.yaml",
                        "{preset: demo, standard: {label-health: {largest-share: 1}, %s}}".formatted(changes),
                        RolloutPlans.class,
                        Map.of())
                .resolved()
                .usual();
    }

    private void changeLabelsThatSpokeForTheCandidate(int labels) {
        changeLabelsThatSpokeForTheCandidate(labels, NONE);
    }

    /** The candidate had been right where the champion had not been, which is turned. */
    private void changeLabelsThatSpokeForTheCandidate(int labels, Map<String, String> attributes) {
        for (int i = 0; i < labels; i++) {
            on(new Overruled(
                    answer(1, Variant.CHAMPION, false),
                    Optional.of(answer(2, Variant.SHADOW, true)),
                    new Label("spam", FeedbackSource.HUMAN, "anna", 1, 1, Duration.ZERO),
                    new Label("ham", FeedbackSource.APPEAL, "dora", 1, 1, Duration.ZERO),
                    now,
                    attributes));
        }
    }

    private void label(Label label) {
        on(new ShadowedLabelled(answer(1, Variant.CHAMPION, true), answer(2, Variant.SHADOW, true), label, NONE));
    }

    private static Label label(FeedbackSource source, Duration age) {
        return new Label("spam", source, "anna", 1, 1, age);
    }
}
