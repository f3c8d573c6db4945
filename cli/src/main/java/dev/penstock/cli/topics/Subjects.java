package dev.penstock.cli.topics;

import dev.penstock.cli.output.CommandException;
import dev.penstock.schemas.wire.RegistryUnavailableException;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.avro.Schema;

/** What the schema registry knows of subjects; that it does not answer is told with what to try. */
public final class Subjects {
    /** What to try where the registry does not answer. */
    public static final String REMEDY =
            "Is it running? Start the local platform with 'penstock up', or name another with --registry; one that asks"
                    + " for a login needs --command-config.";

    private final SchemaRegistry registry;

    public Subjects(SchemaRegistry registry) {
        this.registry = registry;
    }

    /** Where the registry is. */
    public String url() {
        return registry.url();
    }

    /** @throws CommandException if the registry does not answer */
    public List<String> names() {
        return asked(registry::subjects);
    }

    /** @throws CommandException if the registry does not answer */
    Optional<SchemaRegistry.Version> newest(String subject) {
        return asked(() -> registry.newest(subject));
    }

    /**
     * The changes that the registry allows, such as {@code FULL_TRANSITIVE}: the subject's own level, else the one for all.
     *
     * @throws CommandException if the registry does not answer
     */
    Optional<String> compatibility(String subject) {
        return asked(() -> registry.compatibility(subject));
    }

    /** The level of subjects that have none of their own; empty where the registry does not tell. */
    public Optional<String> compatibilityOfAll() {
        return told(registry::compatibility);
    }

    /** Whether new schemas are taken, such as {@code READWRITE}; empty where the registry does not tell. */
    public Optional<String> mode() {
        return told(registry::mode);
    }

    /** Not every registry that speaks Confluent's language has all of its words. */
    private static Optional<String> told(Supplier<Optional<String>> question) {
        try {
            return question.get();
        } catch (RegistryUnavailableException e) {
            return Optional.empty();
        }
    }

    /**
     * Whether the registry would take this schema as the next of the subject.
     *
     * @throws CommandException if the registry does not answer
     */
    boolean accepts(String subject, Schema schema) {
        return asked(() -> registry.accepts(subject, schema));
    }

    private static <T> T asked(Supplier<T> question) {
        try {
            return question.get();
        } catch (RegistryUnavailableException e) {
            throw CommandException.failed(String.valueOf(e.getMessage()), REMEDY, e);
        }
    }
}
