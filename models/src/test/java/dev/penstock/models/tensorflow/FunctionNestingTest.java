package dev.penstock.models.tensorflow;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;

/** TensorFlow would take the process with it: recursion fills the native stack. */
class FunctionNestingTest {
    private final MetaGraphDef.Builder graph = MetaGraphDef.newBuilder();

    private FunctionNestingTest function(String name, String... called) {
        FunctionDef.Builder function =
                graph.getGraphDefBuilder().getLibraryBuilder().addFunctionBuilder();
        function.getSignatureBuilder().setName(name);
        for (String callee : called) {
            function.addNodeDef(NodeDef.newBuilder()
                    .setOp("PartitionedCall")
                    .putAttr(
                            "f",
                            AttrValue.newBuilder()
                                    .setFunc(NameAttrList.newBuilder().setName(callee))
                                    .build()));
        }
        return this;
    }

    private void check() {
        FunctionNesting.require(graph.build());
    }

    @Test
    void refusesFunctionsThatCallThemselves() {
        function("a", "b").function("b", "c").function("c", "b");

        assertThatThrownBy(this::check)
                .isInstanceOf(UnservableException.class)
                .hasMessageContaining("calls itself")
                .hasMessageContaining("export it without recursion");
    }

    @Test
    void refusesFunctionsWhoseNameIsTheOperation() {
        function("a", "b");
        graph.getGraphDefBuilder()
                .getLibraryBuilder()
                .addFunction(
                        FunctionDef.newBuilder().addNodeDef(NodeDef.newBuilder().setOp("b")))
                .getFunctionBuilder(1)
                .getSignatureBuilder()
                .setName("b");

        assertThatThrownBy(this::check).hasMessageContaining("'b' calls itself");
    }

    @Test
    void refusesChainsThatAreTooDeep() {
        for (int depth = 0; depth < 100_000; depth++) {
            function("f" + depth, "f" + (depth + 1));
        }

        assertThatThrownBy(this::check)
                .isInstanceOf(UnservableException.class)
                .hasMessageContaining("more than 200 deep");
    }

    @Test
    void letsFunctionsShareOthers() {
        function("a", "b", "c", "unknown")
                .function("b", "d")
                .function("c", "b", "d")
                .function("d");

        assertThatCode(this::check).doesNotThrowAnyException();
    }
}
