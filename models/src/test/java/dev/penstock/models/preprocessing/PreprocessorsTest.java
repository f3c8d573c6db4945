package dev.penstock.models.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.models.card.InputSpec.Text;
import dev.penstock.models.preprocessing.Example.Value;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreprocessorsTest {
    @Test
    void refusesInputsThatTheModalityDoesNotHave() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Preprocessors.of(Cards.reading(Modality.IMAGE, new Text("caption", false)), Path.of("")))
                .withMessage("Cannot fill input 'caption' of model 'model': image inputs have no text");
    }

    @Test
    void refusesModalitiesOfLaterVersions() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Preprocessors.of(Cards.reading(Modality.UNKNOWN), Path.of("")))
                .withMessageContaining("its modality is not known to this version of Penstock");
    }

    @Test
    void rejectsTheRecordWhereADecoderFailsForReasonsOfItsOwn() {
        PayloadReader failing = new PayloadReader() {
            @Override
            public List<Value> read(Object payload) {
                throw new ArrayIndexOutOfBoundsException("-1");
            }

            @Override
            public DeadLetterCode invalid() {
                return DeadLetterCode.INVALID_IMAGE;
            }
        };

        Prepared prepared = new GuardedPreprocessor(failing).prepare("anything");

        assertThat(prepared)
                .isEqualTo(new Prepared.Rejected(
                        DeadLetterCode.INVALID_IMAGE,
                        "Cannot read payload: its decoder failed with java.lang.ArrayIndexOutOfBoundsException: -1"));
    }
}
