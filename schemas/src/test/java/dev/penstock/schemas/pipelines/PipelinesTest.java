package dev.penstock.schemas.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.penstock.schemas.Modality;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.configuration.EffectiveConfiguration;
import dev.penstock.schemas.configuration.InvalidConfigurationException;
import dev.penstock.schemas.configuration.Mistake;
import dev.penstock.schemas.pipelines.Source.KeyedBy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PipelinesTest {
    private static final String COMPLETE = """
            pipelines:
              spam:
                modality: text
                model: spam-filter
                source:
                  topic: mail.received
                  id: message.id
                  entity: message.sender
                  time: received_at
                  keyed-by: entity
                  payload: {text: body}
                  attributes: {country: sender.country}
                duplicates: {window: PT2H}
                limits: {payload-bytes: 1MiB}
                clock-skew: PT1M
            """;

    private static final String ROLLING = """
            pipelines:
              fraud:
                modality: record
                model: fraud
                source:
                  topic: payments
                  id: id
                  entity: card
                  payload: {features: {numbers: [amount], categories: [terminal]}}
                rolling:
                  card:
                    key: entity
                    lateness: PT2H
                    features:
                      card-count: {count: P1D}
                      card-ratio: {ratio-to-mean: {of: amount, window: P1D}}
                      card-pause: {since-last: {}}
                  terminal:
                    key: category.terminal
                    features:
                      terminal-cards: {distinct: {of: entity, window: P1D}}
                      terminal-fraud: {label-share: {label: fraud, window: P1D, delay: P1D}}
            """;

    @Test
    void readsEveryKey() {
        Pipelines pipelines = parse(COMPLETE);

        assertThat(pipelines.named("spam"))
                .contains(new Pipeline(
                        "spam",
                        Modality.TEXT,
                        "spam-filter",
                        Optional.of(new Source(
                                "mail.received",
                                FieldPath.parse("message.id"),
                                FieldPath.parse("message.sender"),
                                Optional.of(FieldPath.parse("received_at")),
                                KeyedBy.ENTITY,
                                new Payload.Text(FieldPath.parse("body")),
                                Map.of("country", FieldPath.parse("sender.country")))),
                        new Duplicates(Duration.ofHours(2)),
                        new Limits(Optional.of(ByteSize.ofMebibytes(1))),
                        Duration.ofMinutes(1),
                        Map.of()));
    }

    @Test
    void fillsInDefaults() {
        Pipeline pipeline = parse("pipelines: {digits: {modality: image, model: digits}}")
                .all()
                .get(0);

        assertThat(pipeline)
                .isEqualTo(new Pipeline(
                        "digits",
                        Modality.IMAGE,
                        "digits",
                        Optional.empty(),
                        new Duplicates(Duration.ofHours(1)),
                        new Limits(Optional.empty()),
                        Duration.ofMinutes(5),
                        Map.of()));
    }

    @Test
    void readsEachKindOfPayload() {
        assertThat(payload("image", "{image: file.bytes}"))
                .isEqualTo(new Payload.Image(FieldPath.parse("file.bytes"), Optional.empty()));
        assertThat(payload("image", "{image: {content: file.bytes, content-type: file.mime}}"))
                .isEqualTo(new Payload.Image(FieldPath.parse("file.bytes"), Optional.of(FieldPath.parse("file.mime"))));
        assertThat(payload("audio", "{audio: {content: clip}}"))
                .isEqualTo(new Payload.Audio(FieldPath.parse("clip"), Optional.empty()));
        assertThat(payload("record", "{vector: embedding}"))
                .isEqualTo(new Payload.Vector(FieldPath.parse("embedding")));
        assertThat(payload("record", "{features: {numbers: [amount, merchant.risk], categories: {kind: card.kind}}}"))
                .isEqualTo(new Payload.Features(
                        Map.of("amount", FieldPath.parse("amount"), "merchant.risk", FieldPath.parse("merchant.risk")),
                        Map.of("kind", FieldPath.parse("card.kind"))));
    }

    @Test
    void readsTheExample() {
        Pipelines pipelines = ExamplePipelines.read();

        assertThat(pipelines.withSource()).isNotEmpty();
        assertThat(pipelines.all()).extracting(Pipeline::modality).contains(Modality.TEXT, Modality.RECORD);
    }

    @Test
    void reportsEveryMistakeAtOnceWithItsPlace() {
        String yaml = """
                pipelines:
                  Spam:
                    modality: txt
                    model: spam
                    colour: red
                  mail:
                    modality: text
                    source:
                      topic: requests.text
                      id: message..id
                      payload: {text: body, image: file}
                    duplicates: {window: 1 hour}
                    clock-skew: -PT1S
                  fraud:
                    modality: record
                    model: fraud
                    clock-skew:
                    source:
                      topic: payments
                      id: id
                      entity: card
                      keyed-by: luck
                      payload: {features: {numbers: [amount, amount], categories: {amount: x}}}
                  digits:
                    modality: image
                    model: digits
                    limits: {payload-bytes: 1GiB}
                    source: {topic: scans, id: id, entity: id, payload: {vector: pixels}}
                    clock-skew: PT1M
                    clock-skew: PT2M
                  tail: ${NO_SUCH_VARIABLE}
                """;

        InvalidConfigurationException refused =
                catchThrowableOfType(InvalidConfigurationException.class, () -> parse(yaml));

        assertThat(refused.mistakes())
                .extracting(Mistake::toString)
                .containsExactly(
                        "line 3, column 15: pipelines.Spam.modality: 'txt' is not one of image, audio, text, record",
                        "line 5, column 5: pipelines.Spam.colour: unknown key; known here are modality, model, source, duplicates, limits, clock-skew, rolling",
                        "line 7, column 5: pipelines.mail: the key 'model' is missing",
                        "line 9, column 7: pipelines.mail.source: the key 'entity' is missing",
                        "line 10, column 11: pipelines.mail.source.id: 'message..id' is not a field path; write names with dots between them, like merchant.country",
                        "line 11, column 16: pipelines.mail.source.payload: expected exactly one of text, image, audio, features, vector, found text, image",
                        "line 12, column 26: pipelines.mail.duplicates.window: '1 hour' is not a duration; write it like PT30S, PT5M, PT1H or P7D",
                        "line 17, column 5: pipelines.fraud.clock-skew: the key has no value; write one or remove the key",
                        "line 22, column 17: pipelines.fraud.source.keyed-by: 'luck' is not one of anything, entity, id",
                        "line 23, column 46: pipelines.fraud.source.payload.features.numbers[1]: 'amount' is listed a second time",
                        "line 27, column 14: pipelines.digits.limits.payload-bytes: 1GiB is more than the 10MiB that topic 'requests.image' takes",
                        "line 28, column 48: pipelines.digits.source.payload: the pipeline's modality is image, but this payload is for record",
                        "line 30, column 5: pipelines.digits.clock-skew: the key stands here a second time",
                        "line 31, column 9: pipelines.tail: the environment has no variable 'NO_SUCH_VARIABLE'; set it, or let 'NO_SUCH_VARIABLE_FILE' name a file that holds it");
        assertThat(refused).hasMessageStartingWith("Cannot use test.yaml: it has 14 mistakes\n  line 3, column 15: ");
    }

    @Test
    void refusesEachValueThatCannotWork() {
        assertRefused(COMPLETE.replace("spam:", "Spam:"), "pipelines.Spam: 'Spam' is not a name");
        assertRefused(COMPLETE.replace("spam-filter", "spam/filter"), "pipelines.spam.model: 'spam/filter' is not");
        assertRefused(COMPLETE.replace("mail.received", "mail received"), "'mail received' is not a topic name");
        assertRefused(COMPLETE.replace("mail.received", "predictions"), "'predictions' is one of Penstock's own");
        assertRefused(COMPLETE.replace("mail.received", "__streams"), "'__streams' is one of Kafka's own topics");
        assertRefused(
                COMPLETE.replace("PT2H", "-PT2H"),
                "duplicates.window: PT-2H is not between PT0S, which keeps duplicates, and PT8760H");
        assertRefused(
                COMPLETE.replace("PT1M", "-PT1M"), "pipelines.spam.clock-skew: PT-1M is not between PT0S and PT8760H");
        assertRefused(COMPLETE.replace("1MiB", "0B"), "limits.payload-bytes: nothing would fit in 0 bytes");
        assertRefused(COMPLETE.replace("1MiB", "1MB"), "'1MB' is not a size; write it like 512KiB or 8MiB");
        assertRefused(COMPLETE.replace("1MiB", "2MiB"), "2MiB is more than the 1MiB that topic 'requests.text' takes");
        assertRefused("pipelines: {}", "pipelines: there is none; describe one or more");
        assertRefused("", "pipelines: there is none");
        assertRefused("pipelines: [", "not YAML");
        assertRefused("pipelines:\n  a: &x {modality: text, model: a}\n  b: *x\n", "aliases are not read here");
        assertRefused(COMPLETE + "---\n" + COMPLETE, "a second document starts here");
        assertRefused(features("{}"), "pipelines.p.source.payload.features.numbers: there are no features; name some");
        assertRefused(features("{numbers: [a], categories: {a: b}}"), "categories.a: the feature is a number already");
        assertRefused(
                features("{numbers: {a: x, b: x}}"), "numbers.b: field 'x' is read a second time, after 'numbers.a'");
    }

    @Test
    void readsRollingFeatures() {
        Map<String, Rolling> rolling =
                parse(ROLLING).named("fraud").orElseThrow().rolling();

        Duration day = Duration.ofDays(1);
        assertThat(rolling)
                .containsExactly(
                        Map.entry(
                                "card",
                                new Rolling(
                                        "card",
                                        RequestField.parse("entity"),
                                        Duration.ofHours(2),
                                        Map.of(
                                                "card-count", new Aggregate.Count(day, Duration.ZERO),
                                                "card-ratio", new Aggregate.RatioToMean("amount", day, Duration.ZERO),
                                                "card-pause", new Aggregate.SinceLast(Duration.ofDays(90))))),
                        Map.entry(
                                "terminal",
                                new Rolling(
                                        "terminal",
                                        RequestField.parse("category.terminal"),
                                        Duration.ofHours(1),
                                        Map.of(
                                                "terminal-cards",
                                                        new Aggregate.Distinct(
                                                                RequestField.parse("entity"), day, Duration.ZERO),
                                                "terminal-fraud", new Aggregate.LabelShare("fraud", day, day)))));
        assertThat(rolling.get("card").readsFeedback()).isFalse();
        assertThat(rolling.get("terminal").readsFeedback()).isTrue();
        assertThat(parse(EffectiveConfiguration.of(parse(ROLLING)))).isEqualTo(parse(ROLLING));
    }

    @Test
    void refusesRollingFeaturesThatCannotWork() {
        assertRefused(
                "pipelines: {p: {modality: text, model: m, rolling: {a: {key: entity, features: {n: {count: P1D}}}}}}",
                "pipelines.p.rolling: only records have rolling features");
        assertRefused(
                ROLLING.replace("key: entity", "key: card"),
                "'card' is not a field of a request; write entity, category.NAME or number.NAME");
        assertRefused(
                ROLLING.replace("category.terminal", "category.shop"),
                "rolling.terminal.key: the payload has no category 'shop'; known are [terminal]");
        assertRefused(
                ROLLING.replace("of: amount", "of: sum"),
                "rolling.card.features.card-ratio: the payload has no number 'sum'; known are [amount]");
        assertRefused(
                ROLLING.replace("card-count:", "amount:"),
                "features.amount: the name is taken by a feature of the payload");
        assertRefused(
                ROLLING.replace("terminal-fraud:", "card-count:"),
                "features.card-count: the name is taken by a feature of 'card'");
        assertRefused(ROLLING.replace("count: P1D", "count: PT0.1S"), "window: PT0.1S is not between PT1S and PT8784H");
        assertRefused(
                ROLLING.replace("count: P1D", "number: P1D"),
                "unknown key; known here are count, sum, mean, min, max, distinct, since-last, ratio-to-mean, label-share");
        assertRefused(ROLLING.replace("delay: P1D", "delay: -P1D"), "delay: PT-24H is not between PT0S and PT8784H");
    }

    @Test
    void takesPlaceholdersFromTheEnvironment() {
        Pipelines pipelines = ConfigurationFile.parse(
                "test.yaml",
                COMPLETE.replace("mail.received", "mail.${STAGE}"),
                Pipelines.class,
                Map.of("STAGE", "production"));

        assertThat(pipelines.all().get(0).source()).map(Source::topic).contains("mail.production");
    }

    @Test
    void printsItselfAsItIsRead() {
        Pipelines pipelines = parse(COMPLETE);

        String printed = EffectiveConfiguration.of(pipelines);

        assertThat(parse(printed)).isEqualTo(pipelines);
        assertThat(printed).contains("payload-bytes: 1MiB", "window: PT2H", "keyed-by: entity");
    }

    @Test
    void refusesTwoPipelinesOfOneName() {
        Pipeline pipeline = parse(COMPLETE).all().get(0);

        assertThatThrownBy(() -> Pipelines.of(List.of(pipeline, pipeline)))
                .hasMessage("Cannot use two pipelines named 'spam': names are unique");
    }

    private static void assertRefused(String yaml, String problem) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(problem);
    }

    private static Payload payload(String modality, String payload) {
        return parse(pipeline(modality, payload))
                .all()
                .get(0)
                .source()
                .orElseThrow()
                .payload();
    }

    private static String features(String features) {
        return pipeline("record", "{features: %s}".formatted(features));
    }

    private static String pipeline(String modality, String payload) {
        return "pipelines: {p: {modality: %s, model: m, source: {topic: t, id: i, entity: e, payload: %s}}}"
                .formatted(modality, payload);
    }

    private static Pipelines parse(String yaml) {
        return ConfigurationFile.parse("test.yaml", yaml, Pipelines.class, Map.of());
    }
}
