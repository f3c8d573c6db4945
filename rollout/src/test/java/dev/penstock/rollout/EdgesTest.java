package dev.penstock.rollout;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.rollout.deciding.KeptRollout;
import dev.penstock.rollout.deciding.Notice;
import dev.penstock.rollout.drift.DriftReport;
import dev.penstock.rollout.drift.Sketched;
import dev.penstock.rollout.drift.WatchedValues;
import dev.penstock.rollout.drift.WatchedVersion;
import dev.penstock.rollout.joining.GivenAnswer;
import dev.penstock.rollout.joining.GivenLabel;
import dev.penstock.rollout.joining.KnownRequest;
import dev.penstock.rollout.joining.Observation;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What travels and what is kept: Flink has its own serializers for all of it, which can read what older ones wrote. */
class EdgesTest {
    @ParameterizedTest
    @ValueSource(
            classes = {
                InputRecord.class,
                OutputRecord.class,
                GivenAnswer.class,
                GivenLabel.class,
                KnownRequest.class,
                Observation.class,
                WatchedValues.class,
                Sketched.class,
                WatchedVersion.class,
                DriftReport.class,
                Notice.class,
                KeptRollout.class
            })
    void nothingNeedsAGenericSerializer(Class<?> type) {
        SerializerConfigImpl config = new SerializerConfigImpl();
        config.setGenericTypes(false);

        assertThatCode(() -> TypeInformation.of(type).createSerializer(config)).doesNotThrowAnyException();
    }
}
