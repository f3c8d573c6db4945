package dev.penstock.models.card;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A part of the card whose keys are known; asking for one makes it so. */
final class CardFields {
    private final CardNode owner;
    private final Map<String, CardNode> entries;
    private final Set<String> known = new LinkedHashSet<>();

    CardFields(CardNode owner, Map<String, CardNode> entries) {
        this.owner = owner;
        this.entries = entries;
    }

    Optional<CardNode> optional(String name) {
        known.add(name);
        return Optional.ofNullable(entries.get(name));
    }

    /** Empty, and reported, where it is missing. */
    Optional<CardNode> required(String name) {
        Optional<CardNode> value = optional(name);
        if (value.isEmpty() && owner.isMapping()) {
            owner.missing(name);
        }
        return value;
    }

    /** To be called last. */
    void refuseOthers() {
        entries.forEach((name, value) -> {
            if (!known.contains(name)) {
                value.keyProblem("there is no such key; known here: %s".formatted(String.join(", ", known)));
            }
        });
    }
}
