package dev.penstock.schemas.configuration;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.penstock.schemas.configuration.Node.Entry;
import dev.penstock.schemas.configuration.Node.Mapping;
import dev.penstock.schemas.configuration.Node.Nothing;
import dev.penstock.schemas.configuration.Node.Place;
import dev.penstock.schemas.configuration.Node.Scalar;
import dev.penstock.schemas.configuration.Node.Sequence;
import dev.penstock.schemas.configuration.Node.Unreadable;
import dev.penstock.schemas.configuration.Variables.UndefinedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns YAML into nodes that know their places, and puts {@link Variables} in for {@code ${NAME}}. */
final class YamlReader {
    private final Variables variables;
    private final List<Mistake> mistakes;

    /** @param mistakes receives what is wrong but does not stop the reading */
    YamlReader(Map<String, String> environment, List<Mistake> mistakes) {
        this.variables = new Variables(environment);
        this.mistakes = mistakes;
    }

    /** @throws IOException if it is not YAML */
    Node read(String yaml) throws IOException {
        try (YAMLParser parser = new YAMLFactory().createParser(yaml)) {
            if (parser.nextToken() == null) {
                return new Nothing(new Place(1, 1));
            }
            Node node = node(parser, "");
            if (parser.nextToken() != null) {
                mistake(place(parser), "", "a second document starts here; one file holds one");
            }
            return node;
        }
    }

    private Node node(YAMLParser parser, String path) throws IOException {
        Place place = place(parser);
        if (parser.isCurrentAlias()) {
            mistake(place, path, "aliases are not read here; write the value out");
            return new Unreadable(place);
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> mapping(parser, place, path);
            case START_ARRAY -> sequence(parser, place, path);
            case VALUE_NULL -> new Nothing(place);
            default -> scalar(parser.getText(), place, path);
        };
    }

    private Mapping mapping(YAMLParser parser, Place place, String path) throws IOException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            Place keyPlace = place(parser);
            String below = below(path, key);
            parser.nextToken();
            Node value = node(parser, below);
            if (entries.putIfAbsent(key, new Entry(keyPlace, value)) != null) {
                mistake(keyPlace, below, "the key stands here a second time");
            }
        }
        return new Mapping(place, entries);
    }

    private Sequence sequence(YAMLParser parser, Place place, String path) throws IOException {
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(node(parser, path + "[" + items.size() + "]"));
        }
        return new Sequence(place, items);
    }

    private Node scalar(String written, Place place, String path) {
        try {
            return new Scalar(place, variables.fill(written), written);
        } catch (UndefinedException e) {
            mistake(place, path, e.getMessage());
            return new Unreadable(place);
        }
    }

    static String below(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private void mistake(Place place, String path, String problem) {
        mistakes.add(new Mistake(place.line(), place.column(), path, problem));
    }

    private static Place place(YAMLParser parser) {
        JsonLocation location = parser.currentTokenLocation();
        return new Place(location.getLineNr(), location.getColumnNr());
    }
}
