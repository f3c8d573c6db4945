package dev.penstock.models.card;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One value of the card and where it is written. What cannot be read is reported, and empty: reading goes on, so that
 * every problem is found at once.
 */
final class CardNode {
    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,18}");
    private static final Pattern NUMBER =
            Pattern.compile("[-+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]+)?|\\.(nan|NaN|NAN)");

    private final Node node;
    private final String key;
    private final Mark keyMark;
    private final CardProblems problems;

    /** @param keyMark where its key is written; for the card itself and in lists, where it is */
    CardNode(Node node, String key, Mark keyMark, CardProblems problems) {
        this.node = node;
        this.key = key;
        this.keyMark = keyMark;
        this.problems = problems;
        problems.place(key, node.getStartMark());
    }

    /** Its path from the top. */
    String key() {
        return key;
    }

    Mark mark() {
        return node.getStartMark();
    }

    boolean isMapping() {
        return node instanceof MappingNode;
    }

    boolean isList() {
        return node instanceof SequenceNode;
    }

    /** True where nothing is written after the colon. */
    boolean isNothing() {
        return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
    }

    void problem(String problem) {
        problems.add(mark(), key, problem);
    }

    /** Its key should not be there. */
    void keyProblem(String problem) {
        problems.add(keyMark, key, problem);
    }

    /** A key that must be in this mapping is not. */
    void missing(String name) {
        problems.add(mark(), pathOf(name), "is missing");
    }

    private String pathOf(String name) {
        return key.isEmpty() ? name : key + "." + name;
    }

    /** What is written, as it is: {@code no} stays {@code no}. */
    Optional<String> text() {
        if (node instanceof ScalarNode scalar && !isNothing()) {
            return Optional.of(scalar.getValue());
        }
        return unexpected("a text");
    }

    Optional<Integer> integer() {
        return wholeNumber().flatMap(value -> {
            if (value != value.intValue()) {
                problem("%d is too large; it can be %d at most".formatted(value, Integer.MAX_VALUE));
                return Optional.empty();
            }
            return Optional.of(value.intValue());
        });
    }

    Optional<Long> wholeNumber() {
        return plain().filter(text -> INTEGER.matcher(text).matches())
                .map(Long::valueOf)
                .or(() -> unexpected("a whole number"));
    }

    /** A decimal number, or {@code .nan}. */
    Optional<Double> number() {
        return plain().filter(text -> NUMBER.matcher(text).matches())
                .map(text -> text.equalsIgnoreCase(".nan") ? Double.NaN : Double.parseDouble(text))
                .filter(value -> !Double.isInfinite(value))
                .or(() -> unexpected("a number"));
    }

    /** True or false, without a problem if it is neither. */
    Optional<Boolean> ifBoolean() {
        return plain().filter(text -> text.equals("true") || text.equals("false"))
                .map(Boolean::valueOf);
    }

    Optional<Boolean> flag() {
        return ifBoolean().or(() -> unexpected("true or false"));
    }

    <E extends Enum<E>> Optional<E> choice(Class<E> type) {
        Optional<String> text = text();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        E[] choices = type.getEnumConstants();
        for (E choice : choices) {
            if (wordOf(choice).equals(text.get())) {
                return Optional.of(choice);
            }
        }
        problem("'%s' is not one of %s"
                .formatted(
                        text.get(), Arrays.stream(choices).map(CardNode::wordOf).collect(Collectors.joining(", "))));
        return Optional.empty();
    }

    /** How a choice is written in a card: {@code CHANNELS_LAST} as {@code channels-last}. */
    static String wordOf(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    List<CardNode> items() {
        if (!(node instanceof SequenceNode list)) {
            unexpected("a list");
            return List.of();
        }
        List<CardNode> items = new ArrayList<>();
        for (Node item : list.getValue()) {
            items.add(new CardNode(item, "%s[%d]".formatted(key, items.size()), item.getStartMark(), problems));
        }
        return items;
    }

    /** For a list whose items are known by the key of what is around it. */
    void placeItemsAs(String outerKey) {
        if (node instanceof SequenceNode list) {
            for (int index = 0; index < list.getValue().size(); index++) {
                problems.place(
                        "%s[%d]".formatted(outerKey, index),
                        list.getValue().get(index).getStartMark());
            }
        }
    }

    List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (CardNode item : items()) {
            item.text().ifPresent(texts::add);
        }
        return texts;
    }

    /** Its entries in the order they are written. */
    Map<String, CardNode> entries() {
        if (!(node instanceof MappingNode mapping)) {
            unexpected("keys and values");
            return Map.of();
        }
        Map<String, CardNode> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode name)) {
                problems.add(tuple.getKeyNode().getStartMark(), key, "a key must be a plain text");
                continue;
            }
            String path = pathOf(name.getValue());
            CardNode value = new CardNode(tuple.getValueNode(), path, name.getStartMark(), problems);
            if (entries.putIfAbsent(name.getValue(), value) != null) {
                problems.add(name.getStartMark(), path, "is written twice; keep one");
            }
        }
        return entries;
    }

    CardFields fields() {
        return new CardFields(this, entries());
    }

    private Optional<String> plain() {
        return node instanceof ScalarNode scalar && scalar.getScalarStyle() == ScalarStyle.PLAIN
                ? Optional.of(scalar.getValue())
                : Optional.empty();
    }

    private <T> Optional<T> unexpected(String expected) {
        problem("expected %s, found %s".formatted(expected, description()));
        return Optional.empty();
    }

    private String description() {
        if (isNothing()) {
            return "nothing";
        }
        if (node instanceof ScalarNode scalar) {
            String value = scalar.getValue();
            String shown = value.length() > 40 ? value.substring(0, 40) + "…" : value;
            return scalar.getScalarStyle() == ScalarStyle.PLAIN ? "'" + shown + "'" : "the quoted text '" + shown + "'";
        }
        return isList() ? "a list" : "keys and values";
    }
}
