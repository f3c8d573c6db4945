package dev.penstock.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DigitsTest {
    private final List<Digit> bootstrap = Digits.bootstrap();
    private final List<Digit> stream = Digits.stream();

    @BeforeAll
    static void decodeInMemory() {
        ImageIO.setUseCache(false);
    }

    @Test
    void holdsThreeThousandDigitsInTheSharesOfTheSource() {
        Map<String, Long> counts = both().collect(Collectors.groupingBy(Digit::label, Collectors.counting()));

        assertThat(bootstrap).hasSize(800);
        assertThat(stream).hasSize(2200);
        assertThat(counts).containsOnlyKeys(Digits.LABELS);
        assertThat(counts).containsEntry("5", 259L).containsEntry("1", 338L);
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(259L, 338L));
    }

    @Test
    void repeatsNoDigit() {
        assertThat(both().map(Digit::png)).doesNotHaveDuplicates();
        assertThat(both().map(Digit::id)).doesNotHaveDuplicates();
        assertThat(both().map(Digit::source)).doesNotHaveDuplicates();
    }

    @Test
    void everyDigitIsAGreyscalePngOf28By28() {
        assertThat(both()).allSatisfy(digit -> {
            BufferedImage image = decode(digit);
            assertThat(image.getWidth()).isEqualTo(28);
            assertThat(image.getHeight()).isEqualTo(28);
            assertThat(image.getType()).isEqualTo(BufferedImage.TYPE_BYTE_GRAY);
        });
    }

    @Test
    void inkIsLightOnDark() {
        assertThat(both()).allSatisfy(digit -> {
            int[] pixels = decode(digit).getRaster().getSamples(0, 0, 28, 28, 0, (int[]) null);
            assertThat(pixels[0]).isZero();
            assertThat(Arrays.stream(pixels).max().orElseThrow()).isGreaterThan(200);
        });
    }

    @Test
    void bootstrapKnowsEveryLabel() {
        assertThat(bootstrap.stream().map(Digit::label).distinct()).containsExactlyInAnyOrderElementsOf(Digits.LABELS);
    }

    @Test
    void mixesTheLabelsOfTheStream() {
        Function<List<Digit>, Long> labels =
                digits -> digits.stream().map(Digit::label).distinct().count();

        assertThat(labels.apply(stream.subList(0, 100))).isEqualTo(10);
        assertThat(labels.apply(stream.subList(2100, 2200))).isEqualTo(10);
    }

    @Test
    void refusesAnUnknownLabelAndAnotherFormat() {
        Bytes png = bootstrap.get(0).png();
        Bytes text = Bytes.copyOf(new byte[] {1, 2, 3});

        assertThatThrownBy(() -> new Digit("digit-1", "ten", "somewhere", png))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'ten'");
        assertThatThrownBy(() -> new Digit("digit-1", "1", "somewhere", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 bytes are not a PNG");
    }

    private Stream<Digit> both() {
        return Stream.concat(bootstrap.stream(), stream.stream());
    }

    private static BufferedImage decode(Digit digit) throws IOException {
        return ImageIO.read(digit.png().newInputStream());
    }
}
