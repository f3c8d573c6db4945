package dev.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class SchemaDocumentationTest {
    @Test
    void everyFieldSaysWhatItIsAndEveryEnumCanGrow() {
        List<String> complaints = new ArrayList<>();

        for (String name : PresentSchemas.names()) {
            visit(PresentSchemas.named(name), new HashSet<>(), complaints);
        }

        assertThat(complaints).isEmpty();
    }

    @Test
    void whatSaysNothingIsCaught() {
        Schema silent = new Schema.Parser().parse("""
                {"type": "record", "name": "Order", "doc": " ", "fields": [
                  {"name": "state", "doc": "Its state.", "type":
                    {"type": "enum", "name": "State", "doc": "Its states.", "symbols": ["OPEN"]}},
                  {"name": "pieces", "type": {"type": "map", "values":
                    {"type": "record", "name": "Piece", "doc": "A piece.", "fields": [
                      {"name": "grams", "doc": "", "type": "int"}]}}}]}""");
        List<String> complaints = new ArrayList<>();

        visit(silent, new HashSet<>(), complaints);

        assertThat(complaints)
                .containsExactly(
                        "Order has no doc",
                        "enum State has no default: readers could not cope with a symbol that comes later",
                        "Order.pieces has no doc",
                        "Piece.grams has no doc");
    }

    private static void visit(Schema schema, Set<String> seen, List<String> complaints) {
        switch (schema.getType()) {
            case RECORD -> visitRecord(schema, seen, complaints);
            case ENUM -> {
                requireDoc(schema.getName(), schema.getDoc(), complaints);
                if (schema.getEnumDefault() == null) {
                    complaints.add("enum %s has no default: readers could not cope with a symbol that comes later"
                            .formatted(schema.getName()));
                }
            }
            case ARRAY -> visit(schema.getElementType(), seen, complaints);
            case MAP -> visit(schema.getValueType(), seen, complaints);
            case UNION -> schema.getTypes().forEach(type -> visit(type, seen, complaints));
            default -> {}
        }
    }

    private static void visitRecord(Schema schema, Set<String> seen, List<String> complaints) {
        if (!seen.add(schema.getFullName())) {
            return;
        }
        requireDoc(schema.getName(), schema.getDoc(), complaints);
        for (Schema.Field field : schema.getFields()) {
            requireDoc(schema.getName() + "." + field.name(), field.doc(), complaints);
            visit(field.schema(), seen, complaints);
        }
    }

    private static void requireDoc(String what, String doc, List<String> complaints) {
        if (doc == null || doc.isBlank()) {
            complaints.add(what + " has no doc");
        }
    }
}
