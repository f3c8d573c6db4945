package dev.penstock.inference.features;

import static dev.penstock.schemas.Fixtures.request;
import static dev.penstock.schemas.Fixtures.someRecordRequest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.pipelines.Aggregate;
import dev.penstock.schemas.pipelines.RequestField;
import dev.penstock.schemas.pipelines.Rolling;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RouteRequestsTest {
    private static final PipelineBinding RISK =
            new PipelineBinding("risk", Modality.RECORD, "risk", BatchLimits.usual(), Delivery.AT_LEAST_ONCE);
    private static final PipelineBinding FRAUD = new PipelineBinding(
            "fraud",
            Modality.RECORD,
            "fraud",
            BatchLimits.usual(),
            Delivery.AT_LEAST_ONCE,
            Duration.ZERO,
            List.of(new Rolling(
                    "card",
                    RequestField.parse("entity"),
                    Duration.ZERO,
                    Map.of("sum", new Aggregate.Sum("amount", Duration.ofDays(1), Duration.ZERO)))));

    private final String registryUrl = "mock://" + UUID.randomUUID();
    private final AvroSerializer<InferenceRequest> serializer =
            new AvroSerializer<>(SchemaRegistry.connect(registryUrl));
    private OneInputStreamOperatorTestHarness<InputRecord, InputRecord> harness;

    @BeforeEach
    void open() throws Exception {
        String url = registryUrl;
        harness = ProcessFunctionTestHarnesses.forProcessFunction(
                new RouteRequests(List.of(RISK, FRAUD), () -> SchemaRegistry.connect(url)));
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void sendsRequestsThatLookBackToTheirKeys() throws Exception {
        InputRecord record = record(someRecordRequest("id-1"));

        harness.processElement(record, 0);

        assertThat(harness.extractOutputValues()).isEmpty();
        assertThat(harness.getSideOutput(RouteRequests.of(FRAUD)))
                .extracting(StreamRecord::getValue)
                .singleElement()
                .satisfies(sent -> {
                    assertThat(sent.requestId()).isEqualTo("id-1");
                    assertThat(sent.keys()).containsExactly("customer-7");
                    assertThat(sent.numbers()).containsExactly(42.5);
                    assertThat(sent.record().features()).containsExactly(Double.NaN);
                    assertThat(sent.record().value()).isEqualTo(record.value());
                });
    }

    @Test
    void leavesOtherPipelinesRequestsAsTheyCame() throws Exception {
        InputRecord record = record(request("id-1", "risk", new FeaturesPayload(Map.of(), Map.of())));

        harness.processElement(record, 0);

        assertThat(harness.extractOutputValues())
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(record);
    }

    /** Whoever scores writes the dead letter, and no key remembers what is none. */
    @Test
    void leavesWhatIsNoRequestAsItCame() throws Exception {
        InputRecord unreadable = new InputRecord("requests.record", 0, 0, 0, null, new byte[] {1, 2, 3});
        InputRecord nobodys = record(InferenceRequest.newBuilder(someRecordRequest("id-1"))
                .setEntityId("")
                .build());
        InputRecord misplaced = record(request("id-1", "spam", new FeaturesPayload(Map.of(), Map.of())));

        harness.processElement(unreadable, 0);
        harness.processElement(nobodys, 0);
        harness.processElement(misplaced, 0);

        assertThat(harness.extractOutputValues())
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(unreadable, nobodys, misplaced);
        assertThat(harness.getSideOutput(RouteRequests.of(FRAUD))).isNullOrEmpty();
    }

    private InputRecord record(InferenceRequest request) {
        return new InputRecord("requests.record", 0, 0, 0, null, serializer.serialize("requests.record", request));
    }
}
