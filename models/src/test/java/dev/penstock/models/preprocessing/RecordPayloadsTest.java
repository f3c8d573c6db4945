package dev.penstock.models.preprocessing;

import static dev.penstock.models.preprocessing.Outcomes.assertRejected;
import static dev.penstock.models.preprocessing.Outcomes.bytes;
import static dev.penstock.models.preprocessing.Outcomes.floats;
import static dev.penstock.models.preprocessing.Outcomes.values;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.models.card.InputSpec;
import dev.penstock.models.card.InputSpec.Category;
import dev.penstock.models.card.InputSpec.Constant;
import dev.penstock.models.card.InputSpec.Feature;
import dev.penstock.models.card.InputSpec.Features;
import dev.penstock.models.card.NumberType;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.VectorPayload;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordPayloadsTest {
    private static final Feature AMOUNT = new Feature("amount", OptionalDouble.empty(), List.of());
    private static final Feature AGE = new Feature("age", OptionalDouble.of(-1), List.of());
    private static final Feature COUNTRY = new Feature("country", OptionalDouble.empty(), List.of("de", "fr", "it"));
    private static final Preprocessor RECORDS =
            preprocessor(new Features("features", List.of(AMOUNT, AGE, COUNTRY), NumberType.FLOAT32));

    @Test
    void putsNumbersAndCategoriesInTheOrderOfTheCard() {
        Prepared prepared =
                RECORDS.prepare(record(Map.of("age", 40.0, "amount", 9.5, "shoes", 43.0), Map.of("country", "it")));

        assertThat(floats(prepared, 0)).containsExactly(9.5f, 40, 2);
    }

    @Test
    void takesTheCardsValueForWhatIsMissing() {
        Prepared prepared = RECORDS.prepare(record(Map.of("amount", 1.0), Map.of("country", "de")));

        assertThat(floats(prepared, 0)).containsExactly(1, -1, 0);
    }

    @Test
    void namesEverythingThatIsMissing() {
        assertRejected(
                RECORDS.prepare(record(Map.of(), Map.of())),
                DeadLetterCode.MISSING_FEATURE,
                "Cannot read record: it has no value for amount, country");
    }

    @ParameterizedTest
    @CsvSource({"NaN, it is NaN", "-Infinity, it is -Infinity", "1e300, 1.0E300 is beyond the range of float32"})
    void refusesWhatIsNotFinite(double amount, String why) {
        assertRejected(
                RECORDS.prepare(record(Map.of("amount", amount), Map.of("country", "de"))),
                DeadLetterCode.NON_FINITE_FEATURE,
                "Cannot read feature 'amount': " + why);
    }

    @Test
    void refusesUnknownCategories() {
        assertRejected(
                RECORDS.prepare(record(Map.of("amount", 1.0), Map.of("country", "at"))),
                DeadLetterCode.INVALID_FEATURE,
                "Cannot read feature 'country': 'at' is none of de, fr, it");
    }

    @Test
    void refusesNumbersForCategoriesAndTextForNumbers() {
        assertRejected(
                RECORDS.prepare(record(Map.of("amount", 1.0, "country", 2.0), Map.of())),
                DeadLetterCode.INVALID_FEATURE,
                "Cannot read feature 'country': it is the number 2.0, one of de, fr, it is needed");
        assertRejected(
                RECORDS.prepare(record(Map.of(), Map.of("amount", "12 EUR", "country", "de"))),
                DeadLetterCode.INVALID_FEATURE,
                "Cannot read feature 'amount': it is the text '12 EUR', a number is needed");
    }

    @Test
    void readsVectorsInTheOrderOfTheCard() {
        assertThat(floats(RECORDS.prepare(vector(9.5f, 40, 2)), 0)).containsExactly(9.5f, 40, 2);
    }

    @Test
    void readsVectorsFromTheMiddleOfABufferAndLeavesItAsItIs() {
        ByteBuffer buffer = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(-1)
                .putFloat(9.5f)
                .putFloat(40)
                .putFloat(2)
                .putInt(-1)
                .position(4)
                .limit(16);
        VectorPayload payload = new VectorPayload(buffer.slice());

        assertThat(floats(RECORDS.prepare(payload), 0)).containsExactly(9.5f, 40, 2);
        assertThat(floats(RECORDS.prepare(payload), 0)).containsExactly(9.5f, 40, 2);
    }

    @Test
    void refusesVectorsOfAnotherLength() {
        assertRejected(
                RECORDS.prepare(vector(1, 2)),
                DeadLetterCode.INVALID_FEATURE,
                "Cannot read vector: it has 8 bytes, 3 features need 12");
        assertRejected(
                RECORDS.prepare(new VectorPayload(ByteBuffer.allocate(0))),
                DeadLetterCode.EMPTY_PAYLOAD,
                "Cannot read vector: it has no bytes");
    }

    @Test
    void refusesVectorsWithValuesThatAreNoneOfTheFeature() {
        assertRejected(
                RECORDS.prepare(vector(1, Float.NaN, 2)),
                DeadLetterCode.NON_FINITE_FEATURE,
                "Cannot read feature 'age': it is NaN");
        assertRejected(
                RECORDS.prepare(vector(1, 2, 3)),
                DeadLetterCode.INVALID_FEATURE,
                "Cannot read feature 'country': 3.0 is no place in a list of 3 categories");
        assertRejected(
                RECORDS.prepare(vector(1, 2, 0.5f)),
                DeadLetterCode.INVALID_FEATURE,
                "Cannot read feature 'country': 0.5 is no place in a list of 3 categories");
    }

    @Test
    void fillsEveryInputOfItsOwnKind() {
        Preprocessor preprocessor = preprocessor(
                new Features("left", List.of(AMOUNT), NumberType.FLOAT32),
                new Category("merchant", "shop", "none"),
                new Constant("learning-phase", 0, NumberType.BOOL),
                new Features("right", List.of(AGE), NumberType.FLOAT32));

        Prepared known = preprocessor.prepare(record(Map.of("amount", 2.0, "age", 3.0), Map.of("shop", "baker")));
        Prepared unknown = preprocessor.prepare(record(Map.of("amount", 2.0), Map.of()));

        assertThat(values(known)).hasSize(4);
        assertThat(floats(known, 0)).containsExactly(2);
        assertThat(bytes(known, 1)).asString().isEqualTo("baker");
        assertThat(floats(known, 2)).containsExactly(0);
        assertThat(floats(known, 3)).containsExactly(3);
        assertThat(bytes(unknown, 1)).asString().isEqualTo("none");
    }

    @Test
    void rejectsRecordsWithoutACategoryThatHasNoDefault() {
        assertRejected(
                preprocessor(new Category("merchant", "shop", "")).prepare(record(Map.of(), Map.of())),
                DeadLetterCode.MISSING_FEATURE,
                "Cannot read record: it has no value for shop");
    }

    @Test
    void refusesVectorsWhereCategoriesAreReadByName() {
        assertRejected(
                preprocessor(new Category("merchant", "shop", "")).prepare(vector(1)),
                DeadLetterCode.WRONG_PAYLOAD,
                "Cannot read VectorPayload: the model reads categories by name; send FeaturesPayload");
    }

    @Test
    void refusesOtherPayloads() {
        assertRejected(
                RECORDS.prepare(new TextPayload("amount=1")),
                DeadLetterCode.WRONG_PAYLOAD,
                "Cannot read TextPayload: the model reads FeaturesPayload");
    }

    private static FeaturesPayload record(Map<String, Double> numbers, Map<String, String> categories) {
        return new FeaturesPayload(numbers, categories);
    }

    private static VectorPayload vector(float... values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return new VectorPayload(buffer.flip());
    }

    private static Preprocessor preprocessor(InputSpec... inputs) {
        return Preprocessors.of(Cards.reading(Modality.RECORD, inputs), Path.of(""));
    }
}
