package dev.penstock.rollout.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.configuration.InvalidConfigurationException;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RolloutPlansTest {
    @Test
    void theShippedExampleIsWhatTheDefaultsAre() {
        ModelPlans example = ConfigurationFile.read(
                        Path.of("src/main/resources/rollout-plans-example.yaml"), RolloutPlans.class, Map.of())
                .resolved();

        assertThat(example.usual()).isEqualTo(parse("").usual()).isEqualTo(RolloutPlan.production());
        assertThat(example.of("spam")).isEqualTo(RolloutPlan.production());
        RolloutPlan fraud = example.of("fraud");
        assertThat(fraud.loss().of(Optional.of("legitimate"), "fraud")).isEqualTo(20);
        assertThat(fraud.loss().of(Optional.of("legitimate"), "legitimate")).isZero();
        assertThat(fraud.loss().of(Optional.empty(), "fraud")).isEqualTo(0.5);
        assertThat(fraud.loss().largest()).isEqualTo(20);
        assertThat(fraud.slices().attributes()).isEqualTo(Set.of("country"));
        assertThat(fraud.slices().minimumLabels()).isEqualTo(200);
        assertThat(fraud.steps()).isEqualTo(RolloutPlan.production().steps());
    }

    @Test
    void aModelMayStartFromAnotherPreset() {
        ModelPlans plans = parse("models: {spam: {preset: demo, alpha: 0.2}}");

        assertThat(plans.of("spam").steps()).isEqualTo(RolloutPlan.demo().steps());
        assertThat(plans.of("spam").alpha()).isEqualTo(0.2);
        assertThat(plans.usual()).isEqualTo(RolloutPlan.production());
    }

    @Test
    void everyModelMayStartFromTheDemo() {
        assertThat(parse("preset: demo").of("any")).isEqualTo(RolloutPlan.demo());
    }

    @Test
    void whatAModelDoesNotNameIsAsForAllModels() {
        ModelPlans plans = parse("""
                standard: {alpha: 0.01, window-rows: 500}
                models: {spam: {margin: 0.02, requirement: not-worse}}
                """);

        assertThat(plans.of("spam").alpha()).isEqualTo(0.01);
        assertThat(plans.of("spam").windowRows()).isEqualTo(500);
        assertThat(plans.of("spam").margin()).isEqualTo(0.02);
        assertThat(plans.of("spam").requirement()).isEqualTo(Requirement.NOT_WORSE);
    }

    @Test
    void everyMistakeIsNamedWithItsPlace() {
        assertThatThrownBy(() -> parse("""
                        standard:
                          shadow: {minimum-rows: 0}
                          steps:
                            - {share: 2}
                            - {share: 0.9, minimum-labels: 5}
                        """))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("0 is too few; use 1 or more")
                .hasMessageContaining("2.0 is not above 0 and at most 1")
                .hasMessageContaining("above a share of 0.5 there is no control");
    }

    @Test
    void aPlanThatContradictsItselfIsRefused() {
        assertThatThrownBy(() -> parse("standard: {alpha: 0.9, steps: [{share: 0.5}, {share: 0.1}]}"))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("0.9 is not above 0 and at most 0.5")
                .hasMessageContaining("their shares do not rise");
        assertThatThrownBy(() -> parse("models: {spam: {margin: 3}}"))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("models.spam")
                .hasMessageContaining("3.0 is not above 0 and below the largest loss 1.0");
    }

    @Test
    void anAbstentionCostsWhatIsWritten() {
        Loss errors = new Loss.Errors(0.3);

        assertThat(errors.of(Optional.of("spam"), "spam")).isZero();
        assertThat(errors.of(Optional.of("spam"), "ham")).isEqualTo(1);
        assertThat(errors.of(Optional.empty(), "ham")).isEqualTo(0.3);
    }

    @Test
    void whatSystemsSayNeverMatures() {
        RolloutPlan.Maturity maturity = RolloutPlan.production().maturity();

        assertThat(maturity.of(FeedbackSource.HUMAN)).isEqualTo(Duration.ofHours(1));
        assertThat(maturity.of(FeedbackSource.OUTCOME)).isEqualTo(Duration.ofDays(7));
        assertThat(maturity.of(FeedbackSource.APPEAL)).isZero();
        assertThat(RolloutPlan.Maturity.counts(FeedbackSource.SYSTEM)).isFalse();
        assertThatThrownBy(() -> maturity.of(FeedbackSource.SYSTEM))
                .hasMessageContaining("only people, outcomes and appeals count");
    }

    @Test
    void plansCanBeSentToWhereAJobRuns() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        new ObjectOutputStream(bytes)
                .writeObject(parse(
                        "models: {fraud: {loss: {costs: {deciding: {a: {b: 2}}}}, silence: {label: a, after: P7D}}}"));

        assertThat(bytes.size()).isPositive();
    }

    @Test
    void evidenceCountsUnderAnotherPlanIfItsTermsAreTheSame() {
        RolloutPlan otherMinima = parse(
                        "standard: {shadow: {minimum-rows: 7}, steps: [{share: 0.01}, {share: 0.05}, {share: 0.25}, {share: 0.5, minimum-rows: 7}, {share: 1, minimum-labels: 0}]}")
                .usual();
        RolloutPlan otherShares = parse("standard: {steps: [{share: 0.5}]}").usual();
        RolloutPlan otherMargin = parse("standard: {margin: 0.03}").usual();

        assertThat(otherMinima.terms()).isEqualTo(RolloutPlan.production().terms());
        assertThat(otherShares.terms()).isNotEqualTo(RolloutPlan.production().terms());
        assertThat(otherMargin.terms()).isNotEqualTo(RolloutPlan.production().terms());
    }

    private static ModelPlans parse(String yaml) {
        return ConfigurationFile.parse("rollout.yaml", yaml, RolloutPlans.class, Map.of())
                .resolved();
    }
}
