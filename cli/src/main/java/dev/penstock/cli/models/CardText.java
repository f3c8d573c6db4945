package dev.penstock.cli.models;

import dev.penstock.cli.output.CommandException;
import dev.penstock.models.card.ModelCardReader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A model card as somebody wrote it: their comments and their order stay. */
final class CardText {
    /** At the beginning of a line, so not a key of something else such as the decision. */
    private static final Pattern VERSION = Pattern.compile("(?m)^version:[ \\t]*([^\\s#]*)");

    private CardText() {}

    /** The same card for another version. */
    static String withVersion(String card, int version) {
        Matcher line = VERSION.matcher(card);
        if (!line.find()) {
            throw CommandException.misused(
                    "Cannot give the card version %d: it has no line of its own with its version".formatted(version),
                    "Write 'version: 1' on a line below the name.");
        }
        String written = card.substring(0, line.start(1)) + version + card.substring(line.end(1));
        if (ModelCardReader.read(written).version() != version) {
            throw CommandException.misused(
                    "Cannot give the card version %d: its version is written elsewhere too".formatted(version),
                    "Leave one line 'version: ...' in it.");
        }
        return written;
    }
}
