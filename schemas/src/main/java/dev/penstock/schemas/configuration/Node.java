package dev.penstock.schemas.configuration;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value as it stands in a file. */
sealed interface Node {
    Place place();

    /** What it is, for messages. */
    String kind();

    /** Both from 1. */
    record Place(int line, int column) {}

    /** In the order of the file. */
    record Mapping(Place place, Map<String, Entry> entries) implements Node {
        public Mapping {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        @Override
        public String kind() {
            return "a mapping";
        }
    }

    /** @param place of the key */
    record Entry(Place place, Node value) {}

    record Sequence(Place place, List<Node> items) implements Node {
        public Sequence {
            items = List.copyOf(items);
        }

        @Override
        public String kind() {
            return "a list";
        }
    }

    /**
     * @param text with the environment's values in place of placeholders
     * @param written as it stands in the file, so that messages do not tell secrets
     */
    record Scalar(Place place, String text, String written) implements Node {
        @Override
        public String kind() {
            return "'" + written + "'";
        }
    }

    /** What could not be read, and is reported already. */
    record Unreadable(Place place) implements Node {
        @Override
        public String kind() {
            return "nothing readable";
        }
    }

    /** A key without a value. */
    record Nothing(Place place) implements Node {
        @Override
        public String kind() {
            return "nothing";
        }
    }
}
