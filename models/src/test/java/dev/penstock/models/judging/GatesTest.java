package dev.penstock.models.judging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.Model;
import dev.penstock.models.ModelFailedException;
import dev.penstock.models.Scores;
import dev.penstock.models.architectures.Trained;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.schemas.GoldenExample;
import dev.penstock.schemas.LabelledExample;
import dev.penstock.schemas.TextPayload;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class GatesTest {
    private final Gates gates = new Gates(GateSettings.usual());

    private GateReport judge(SomeAnswers candidate, SomeAnswers serving) {
        return gates.judge(candidate.all(), Optional.of(serving.all()));
    }

    private static SomeAnswers good() {
        return new SomeAnswers().add(100, "spam", 0.95).add(100, "ham", 0.05);
    }

    private static Gate gate(GateReport report, String name) {
        return report.gates().stream()
                .filter(gate -> gate.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aVersionThatAnswersAlikePasses() {
        GateReport report = judge(good(), good());

        assertThat(report.refusals()).isEmpty();
        assertThat(report.passed()).isTrue();
        assertThat(report.gates())
                .extracting(Gate::name)
                .containsExactly("evidence", "overall", "ranking", "calibration", "log-loss", "slices");
    }

    @Test
    void aBetterVersionPasses() {
        SomeAnswers before =
                new SomeAnswers().add(80, "spam", 0.95).add(20, "spam", 0.3).add(100, "ham", 0.05);

        GateReport report = judge(good(), before);

        assertThat(report.refusals()).isEmpty();
        assertThat(gate(report, "overall").figures())
                .containsEntry("accuracy", 1.0)
                .containsEntry("serving", 0.9)
                .containsEntry("only-now-right", 20.0)
                .containsEntry("only-before-right", 0.0);
    }

    @Test
    void aVersionThatIsJudgedByOneLabelAloneIsRefused() {
        SomeAnswers before = new SomeAnswers().add(60, "spam", 0.95).add(40, "spam", 0.3);

        GateReport report = judge(new SomeAnswers().add(100, "spam", 0.95), before);

        assertThat(report.refusals())
                .containsExactly(
                        "evidence: 100 held-out rows, and 50 are needed; all of them are [spam], which shows nothing");
    }

    @Test
    void aWorseVersionIsRefusedWithItsFigures() {
        SomeAnswers worse =
                new SomeAnswers().add(90, "spam", 0.95).add(10, "spam", 0.3).add(100, "ham", 0.05);

        GateReport report = judge(worse, good());

        assertThat(gate(report, "overall").passed()).isFalse();
        assertThat(gate(report, "overall").figures().get("p-worse")).isCloseTo(1 / 1024.0, within(1e-9));
        assertThat(report.refusals()).anySatisfy(sentence -> assertThat(sentence)
                .startsWith("overall: right on 95.00 % of 200 rows, the serving version on 100.00 %"));
    }

    /** A fifth of a point of ten thousand rows is within the margin, and still no chance. */
    @Test
    void aCertainLossWithinTheMarginIsRefusedAllTheSame() {
        SomeAnswers before = new SomeAnswers().add(5_000, "spam", 0.95).add(5_000, "ham", 0.05);
        SomeAnswers now =
                new SomeAnswers().add(4_980, "spam", 0.95).add(20, "spam", 0.45).add(5_000, "ham", 0.05);

        assertThat(gate(judge(now, before), "overall").passed()).isFalse();
    }

    @Test
    void aVersionThatGivesUpARareLabelIsRefusedThoughOverallItIsRightMoreOften() {
        SomeAnswers before =
                new SomeAnswers().add(60, "spam", 0.8).add(1_940, "ham", 0.05).add(100, "ham", 0.6);
        SomeAnswers now =
                new SomeAnswers().add(30, "spam", 0.8).add(30, "spam", 0.45).add(2_040, "ham", 0.05);

        GateReport report = judge(now, before);

        assertThat(gate(report, "overall").passed()).isTrue();
        assertThat(gate(report, "slices").passed()).isFalse();
        assertThat(gate(report, "slices").sentence()).contains("label=spam (50.00 % of 60 rows");
    }

    @Test
    void aSliceThatGetsWorseIsNamed() {
        SomeAnswers before = new SomeAnswers()
                .add(300, "spam", 0.4, "FR", "ada")
                .add(300, "spam", 0.9, "FR", "ada")
                .add(60, "spam", 0.9, "DE", "ada");
        SomeAnswers now = new SomeAnswers()
                .add(600, "spam", 0.9, "FR", "ada")
                .add(45, "spam", 0.9, "DE", "ada")
                .add(15, "spam", 0.4, "DE", "ada");

        GateReport report = judge(now, before);

        assertThat(gate(report, "slices").passed()).isFalse();
        assertThat(gate(report, "slices").figures()).containsEntry("country=DE", -0.25);
        assertThat(gate(report, "slices").sentence()).contains("country=DE").doesNotContain("country=FR");
    }

    /** Whoever floods the feed agrees with what was learnt from the flood; the others do not. */
    @Test
    void aSourceThatIsPleasedDoesNotMakeUpForOneThatIsNot() {
        SomeAnswers before =
                new SomeAnswers().add(100, "spam", 0.9, "FR", "ada").add(100, "spam", 0.3, "FR", "mallory");
        SomeAnswers now = new SomeAnswers()
                .add(80, "spam", 0.9, "FR", "ada")
                .add(20, "spam", 0.3, "FR", "ada")
                .add(100, "spam", 0.9, "FR", "mallory");

        GateReport report = judge(now, before);

        assertThat(gate(report, "overall").passed()).isTrue();
        assertThat(gate(report, "slices").passed()).isFalse();
        assertThat(gate(report, "slices").figures())
                .hasEntrySatisfying("said-by=ada", loss -> assertThat(loss).isCloseTo(-0.2, within(1e-9)));
    }

    @Test
    void slicesOfFewRowsAreNotLookedAt() {
        SomeAnswers before = new SomeAnswers().add(300, "spam", 0.9).add(49, "spam", 0.9, "DE", "ada");
        SomeAnswers now = new SomeAnswers().add(300, "spam", 0.9).add(49, "spam", 0.4, "DE", "ada");

        assertThat(gate(judge(now, before), "slices").figures()).doesNotContainKey("country=DE");
    }

    @Test
    void aVersionThatIsTooSureIsRefused() {
        SomeAnswers before = new SomeAnswers().add(80, "spam", 0.8).add(20, "ham", 0.8);
        SomeAnswers now = new SomeAnswers().add(80, "spam", 0.999).add(20, "ham", 0.999);

        GateReport report = judge(now, before);

        assertThat(gate(report, "overall").passed()).isTrue();
        assertThat(gate(report, "log-loss").passed()).isFalse();
    }

    /** Three rows of fifty move the calibration error by two points, and may as well have moved it the other way. */
    @Test
    void aCalibrationErrorThatChanceExplainsIsNotHeldAgainstAVersion() {
        SomeAnswers before =
                new SomeAnswers().add(25, "spam", 0.9).add(22, "ham", 0.1).add(3, "ham", 0.55);
        SomeAnswers now =
                new SomeAnswers().add(25, "spam", 0.9).add(22, "ham", 0.1).add(3, "ham", 0.99);

        Gate gate = gate(judge(now, before), "calibration");

        assertThat(gate.figures().get("value")).isGreaterThan(gate.figures().get("serving") + 0.02);
        assertThat(gate.figures().get("p-worse")).isGreaterThan(0.05);
        assertThat(gate.passed()).isTrue();
    }

    @Test
    void aCalibrationErrorThatChanceDoesNotExplainIs() {
        SomeAnswers before = new SomeAnswers().add(270, "spam", 0.9).add(30, "ham", 0.9);
        SomeAnswers now = new SomeAnswers().add(270, "spam", 0.6).add(30, "ham", 0.6);

        assertThat(gate(judge(now, before), "calibration").passed()).isFalse();
    }

    @Test
    void aVersionThatLearnedNothingIsRefused() {
        Gate gate = gates.learning(new Trained(SomeAnswers.CARD, 0.3, 200, 0, 4, 0));

        assertThat(gate.passed()).isFalse();
        assertThat(gate.sentence()).startsWith("none of 4 epochs");
        assertThat(gates.learning(new Trained(SomeAnswers.CARD, 0.3, 200, 0, 4, 1))
                        .passed())
                .isTrue();
    }

    @Test
    void tooLittleEvidenceIsRefused() {
        SomeAnswers few = new SomeAnswers().add(48, "spam", 0.9).add(1, "ham", 0.1);

        GateReport report = judge(few, few);

        assertThat(report.refusals()).containsExactly("evidence: 49 held-out rows, and 50 are needed");
    }

    @Test
    void whatAVersionCannotAnswerCountsAgainstIt() {
        SomeAnswers now = new SomeAnswers().add(180, "spam", 0.9).addUnscored(20, "spam");

        assertThat(gate(judge(now, new SomeAnswers().add(200, "spam", 0.9)), "overall")
                        .passed())
                .isFalse();
    }

    @Test
    void aSourceThatContradictsTheServingVersionUnlikeOthersIsReported() {
        SomeAnswers answers = new SomeAnswers()
                .add(190, "spam", 0.9, "FR", "ada")
                .add(10, "ham", 0.9, "FR", "ada")
                .add(10, "spam", 0.9, "DE", "mallory")
                .add(40, "ham", 0.9, "DE", "mallory");

        Contradiction first = gates.judge(answers.all(), Optional.of(answers.all())).contradictions().stream()
                .filter(each -> each.what().equals("said-by=mallory"))
                .findFirst()
                .orElseThrow();

        assertThat(first.share()).isEqualTo(0.8);
        assertThat(first.shareOfOthers()).isEqualTo(0.05);
        assertThat(first.isUnusual()).isTrue();
        assertThat(gates.judge(answers.all(), Optional.of(answers.all())).contradictions())
                .filteredOn(Contradiction::isUnusual)
                .extracting(Contradiction::what)
                .doesNotContain("said-by=ada", "source=HUMAN");
    }

    @Test
    void whoReportsWhatWasWrongIsNotUnusualBesideSilence() {
        SomeAnswers answers =
                new SomeAnswers().add(190, "ham", 0.1, "FR", "silence").add(40, "spam", 0.1, "FR", "chargebacks");

        assertThat(gates.judge(answers.all(), Optional.of(answers.all())).contradictions())
                .noneMatch(Contradiction::isUnusual)
                .extracting(Contradiction::what)
                .contains("said-by=chargebacks")
                .doesNotContain("said-by=silence");
    }

    @Test
    void answersToOtherRequestsAreNotCompared() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> judge(good(), new SomeAnswers().add(3, "spam", 0.9)))
                .withMessageContaining("200 answers with 3");
    }

    @Test
    void figuresOfEveryGateCanGoIntoACard() {
        assertThat(judge(good(), good()).metrics())
                .containsEntry("gate.overall.passed", 1.0)
                .containsEntry("gate.overall.rows", 200.0)
                .containsEntry("serving.accuracy", 1.0)
                .containsEntry("accuracy", 1.0);
    }

    @Test
    void aGoldenInputOnWhichAVersionFailsIsNotRightAndEndsNothing() {
        List<GoldenExample> golden = List.of(golden("win a prize"), golden("win a yacht"));

        Gate gate = gates.servingGolden(new FailsOn("yacht"), new FailsOn("nothing"), golden, List.of());

        assertThat(gate.passed()).isFalse();
        assertThat(gate.figures()).containsEntry("examples", 2.0).containsEntry("right", 1.0);
    }

    @Test
    void rowsOnWhichAVersionFailsAreNotTimed() {
        List<LabelledExample> rows = List.of(
                SomeAnswers.example("request-1", "win a prize"), SomeAnswers.example("request-2", "win a yacht"));
        Model failing = new FailsOn("yacht");

        assertThat(gates.time(failing, new FailsOn("nothing"), rows, false).figures())
                .containsKeys("micros-a-row", "serving");
        assertThat(gates.time(new FailsOn("win"), failing, rows, true).sentence())
                .contains("no held-out row");
    }

    private static GoldenExample golden(String text) {
        return new GoldenExample(new TextPayload(text), Map.of("spam", 1f));
    }

    /** Calls everything spam, and fails where a word is. */
    private record FailsOn(String word) implements Model {
        @Override
        public ModelCard card() {
            return SomeAnswers.CARD;
        }

        @Override
        public Prepared prepare(Object payload) {
            byte[] text = ((TextPayload) payload).getText().getBytes(UTF_8);
            return new Prepared.Ready(new Example(List.of(new Example.Value.Bytes(text))));
        }

        @Override
        public List<Scores> score(List<Example> batch) {
            return batch.stream().map(this::score).toList();
        }

        private Scores score(Example row) {
            String text = new String(((Example.Value.Bytes) row.values().get(0)).value(), UTF_8);
            if (text.contains(word)) {
                throw new ModelFailedException("Cannot score '%s'".formatted(text), new IllegalStateException(word));
            }
            return new Scores(new LabelledScores(card().labels(), new float[] {0.1f, 0.9f}), Map.of());
        }

        @Override
        public OptionalInt fixedRows() {
            return OptionalInt.empty();
        }

        @Override
        public long nativeBytes() {
            return 0;
        }

        @Override
        public void close() {}
    }
}
