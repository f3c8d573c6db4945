package dev.penstock.retrain.triggers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.retrain.runs.Range;
import dev.penstock.retrain.triggers.TrainingNews.Kind;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.TrainingCause;
import dev.penstock.schemas.TrainingPhase;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which labels begin a training, and which offsets it names. */
class NewLabelsTest extends TriggerScenario {
    @Test
    void enoughNewLabelsBeginATrainingOnExactlyTheOffsetsThatWereSeen() throws Exception {
        announced(1);
        labels("ann", 0, 5);
        labels("bob", 5, 4);
        settled();
        assertThat(orders()).isEmpty();

        labels("bob", 9, 1);

        assertThat(orders()).singleElement().satisfies(order -> {
            assertThat(order.runId()).isEqualTo("spam/2/1");
            assertThat(order.parent()).isEqualTo(1);
            assertThat(order.cause()).isEqualTo(TrainingCause.LABELS);
            assertThat(order.ranges()).containsExactly(new Range(0, 0, 0, 5), new Range(1, 0, 0, 5));
        });
    }

    @Test
    void oneSourceAloneBeginsNoTrainingHoweverMuchItSays() throws Exception {
        serving();

        labels("flood", 0, 500);

        assertThat(orders()).isEmpty();
        assertThat(alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.getCode()).isEqualTo(AlertCode.SUSPICIOUS_LABELS);
            assertThat(alert.getMessage()).contains("flood").contains("10 new labels");
        });
        labels("ann", 500, 5);
        assertThat(orders()).hasSize(1);
    }

    @Test
    void silenceAloneBeginsNoTrainingAndIsNobodysFlood() throws Exception {
        serving();
        for (int id = 0; id < 500; id++) {
            harness.processElement(
                    new TrainingNews(
                            "spam", Kind.EXAMPLE, 0, ends[0]++, "spam\u001fid-" + id, "SILENCE\u001fsilence", null),
                    0);
        }
        assertThat(orders()).isEmpty();
        assertThat(harness.getSideOutput(TriggerTraining.ALERTS)).isNullOrEmpty();

        labels("chargebacks", 500, 5);

        assertThat(orders()).hasSize(1);
    }

    @Test
    void whatIsSaidTwiceOfOneRequestIsOneLabel() throws Exception {
        serving();

        for (int time = 0; time < 10; time++) {
            labels("ann", 0, 4);
            labels("bob", 4, 4);
        }

        assertThat(orders()).isEmpty();
    }

    @Test
    void theNextTrainingKnowsWhatIsNewAndWaitsForThePause() throws Exception {
        serving();
        tenLabels(0);
        tenLabels(10);

        ended(orders().get(0), TrainingPhase.PUBLISHED);
        announced(2);
        assertThat(orders()).hasSize(1);
        later(TEN.pause());

        assertThat(orders()).hasSize(2);
        assertThat(orders().get(1).runId()).isEqualTo("spam/3/1");
        assertThat(orders().get(1).parent()).isEqualTo(2);
        assertThat(orders().get(1).ranges()).containsExactly(new Range(0, 0, 5, 10), new Range(1, 0, 5, 10));
        assertThat(orders().get(1).seed()).isNotEqualTo(orders().get(0).seed());
    }

    private List<Alert> alerts() {
        return written(TriggerTraining.ALERTS, Alert.class);
    }
}
