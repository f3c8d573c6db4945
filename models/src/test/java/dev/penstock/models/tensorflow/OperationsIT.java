package dev.penstock.models.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.models.tensorflow.OperationList.Phase;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.OpDef;

class OperationsIT {
    private static final OperationList LIST = OperationList.instance();

    /** Those that a graph may name; the others are TensorFlow's own. */
    private static Set<String> registered() {
        return TensorFlow.registeredOpList().getOpList().stream()
                .map(OpDef::getName)
                .filter(name -> !name.startsWith("_"))
                .collect(Collectors.toSet());
    }

    @Test
    void everyOperationOfThisTensorFlowIsJudgedAndNoOther() {
        assertThat(LIST.judged()).containsExactlyInAnyOrderElementsOf(registered());
    }

    @Test
    void mostMayRunAtAnyTimeAndFilesAreForLoadingAndSavingAlone() {
        assertThat(registered().stream()
                        .filter(name -> LIST.refusal(name, Phase.CALLING).isEmpty()))
                .hasSize(1010)
                .contains("MatMul", "ReadVariableOp", "XlaCallModule", "LookupTableFindV2", "PrintV2")
                .allSatisfy(name -> {
                    for (Phase phase : Phase.values()) {
                        assertThat(LIST.refusal(name, phase)).as(name).isEmpty();
                    }
                });
        assertThat(registered().stream()
                        .filter(name -> LIST.refusal(name, Phase.INITIALISING).isEmpty()
                                && LIST.refusal(name, Phase.CALLING).isPresent()))
                .containsExactlyInAnyOrder(
                        "InitializeTable",
                        "InitializeTableV2",
                        "InitializeTableFromTextFile",
                        "InitializeTableFromTextFileV2");
        assertThat(registered().stream()
                        .filter(name -> LIST.refusal(name, Phase.RESTORING).isEmpty()
                                && LIST.refusal(name, Phase.CALLING).isPresent()))
                .containsExactlyInAnyOrder("Restore", "RestoreSlice", "RestoreV2");
        assertThat(registered().stream()
                        .filter(name -> LIST.refusal(name, Phase.SAVING).isEmpty()
                                && LIST.refusal(name, Phase.CALLING).isPresent()))
                .containsExactlyInAnyOrder("SaveV2", "MergeV2Checkpoints");
    }

    @Test
    void saysWhatAModelDoesThatMayNot() {
        assertThat(LIST.refusal("ReadFile", Phase.CALLING)).contains("reads or writes files");
        assertThat(LIST.refusal("RestoreV2", Phase.CALLING)).contains("reads or writes files");
        assertThat(LIST.refusal("RpcCall", Phase.INITIALISING)).contains("talks to other processes");
        assertThat(LIST.refusal("_Send", Phase.CALLING)).contains("has parts that only TensorFlow may put there");
        assertThat(LIST.refusal("OfTomorrow", Phase.CALLING)).contains("has parts that nobody has judged yet");
    }
}
