package dev.penstock.inference.features;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.pipelines.Aggregate;
import dev.penstock.schemas.pipelines.RequestField;
import dev.penstock.schemas.pipelines.Rolling;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JoinFeedbackTest {
    private static final int HUMAN = 2;
    private static final int OUTCOME = 3;

    private static final Rolling CARD = new Rolling(
            "card",
            RequestField.parse("entity"),
            Duration.ZERO,
            Map.of("count", new Aggregate.Count(Duration.ofDays(1), Duration.ZERO)));
    private static final Rolling TERMINAL = new Rolling(
            "terminal",
            RequestField.parse("category.terminal"),
            Duration.ZERO,
            Map.of("share", new Aggregate.LabelShare("fraud", Duration.ofDays(1), Duration.ofDays(7))));
    private static final PipelineBinding PIPELINE = new PipelineBinding(
            "fraud",
            Modality.RECORD,
            "fraud",
            BatchLimits.usual(),
            Delivery.AT_LEAST_ONCE,
            Duration.ZERO,
            List.of(CARD, TERMINAL));

    private static final AskedRequest REQUEST = new AskedRequest("id-1", 1_000, new String[] {"ann", "shop"});
    private static final LabelChange FRAUD = new LabelChange(1, "shop", 1_000, "fraud", 1);
    private static final LabelChange NO_FRAUD_AFTER_ALL = new LabelChange(1, "shop", 1_000, "fraud", -1);

    private KeyedTwoInputStreamOperatorTestHarness<String, AskedRequest, GivenFeedback, LabelChange> harness;

    @BeforeEach
    void open() throws Exception {
        harness = new KeyedTwoInputStreamOperatorTestHarness<>(
                new KeyedCoProcessOperator<>(new JoinFeedback(PIPELINE)),
                AskedRequest::requestId,
                GivenFeedback::requestId,
                Types.STRING);
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void tellsTheKeysOfGroupsThatCountTheLabel() throws Exception {
        asked();
        said("fraud", HUMAN, 5);

        assertThat(harness.extractOutputValues()).containsExactly(FRAUD);
    }

    @Test
    void keepsFeedbackThatComesBeforeItsRequest() throws Exception {
        said("fraud", HUMAN, 5);
        assertThat(harness.extractOutputValues()).isEmpty();

        asked();

        assertThat(harness.extractOutputValues()).containsExactly(FRAUD);
    }

    @Test
    void countsOneWordOnceHoweverOftenItComes() throws Exception {
        asked();
        said("fraud", HUMAN, 5);
        said("fraud", HUMAN, 5);
        said("fraud", OUTCOME, 6);
        asked();

        assertThat(harness.extractOutputValues()).containsExactly(FRAUD);
    }

    @Test
    void takesBackWhatAHigherSourceDenies() throws Exception {
        asked();
        said("fraud", HUMAN, 5);
        said("genuine", OUTCOME, 4);
        said("fraud", HUMAN, 6);

        assertThat(harness.extractOutputValues()).containsExactly(FRAUD, NO_FRAUD_AFTER_ALL);
    }

    @Test
    void believesTheLastWordOfOneSource() throws Exception {
        asked();
        said("genuine", HUMAN, 9);
        said("fraud", HUMAN, 5);
        assertThat(harness.extractOutputValues()).isEmpty();

        said("fraud", HUMAN, 10);

        assertThat(harness.extractOutputValues()).containsExactly(FRAUD);
    }

    @Test
    void forgetsARequestThatNoWindowSees() throws Exception {
        asked();
        harness.setProcessingTime(Duration.ofDays(8).toMillis() + 1);
        harness.setStateTtlProcessingTime(Duration.ofDays(8).toMillis() + 1);

        said("fraud", HUMAN, 5);

        assertThat(harness.extractOutputValues()).isEmpty();
    }

    private void asked() throws Exception {
        harness.processElement1(REQUEST, 0);
    }

    private void said(String label, int rank, long at) throws Exception {
        harness.processElement2(new GivenFeedback("fraud", "id-1", label, rank, at), 0);
    }
}
