package dev.penstock.cli.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintStream;
import picocli.CommandLine.Option;

/** The {@code --output} option and where results go: results to standard output, all else to standard error. */
public final class Output {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper INDENTED_JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "How results are printed: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private OutputFormat format = OutputFormat.TABLE;

    public boolean isJson() {
        return format == OutputFormat.JSON;
    }

    /** One result, for a person or as JSON. */
    public void result(Object json, Table table) {
        out().println(isJson() ? indented(json) : table.toString());
    }

    /** One of many results, each a line of its own. */
    public void line(Object json, String text) {
        out().println(isJson() ? write(JSON, json) : text);
    }

    /** Something that is not a result. */
    public void note(String text) {
        notes().println(text);
    }

    public PrintStream out() {
        return System.out;
    }

    public PrintStream notes() {
        return System.err;
    }

    private static String indented(Object value) {
        return write(INDENTED_JSON, value);
    }

    private static String write(ObjectMapper mapper, Object value) {
        try {
            return mapper.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot write JSON: " + e.getMessage(), e);
        }
    }
}
