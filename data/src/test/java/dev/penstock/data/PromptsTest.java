package dev.penstock.data;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;
import org.junit.jupiter.api.Test;

class PromptsTest {
    private final List<Prompt> bootstrap = Prompts.bootstrap();
    private final List<Prompt> stream = Prompts.stream();

    @Test
    void eachSplitHolds52PromptsPerLanguage() {
        Map<String, Long> expected = Prompts.LABELS.stream().collect(toMap(label -> label, label -> 52L));

        assertThat(labels(bootstrap)).isEqualTo(expected);
        assertThat(labels(stream)).isEqualTo(expected);
    }

    @Test
    void repeatsNoPrompt() {
        assertThat(both().map(Prompt::wav)).doesNotHaveDuplicates();
        assertThat(both().map(Prompt::id)).doesNotHaveDuplicates();
        assertThat(both().map(Prompt::source)).doesNotHaveDuplicates();
    }

    @Test
    void everyPromptIsOneSecondOfMuLawAsTelephonesSendIt() {
        assertThat(both()).allSatisfy(prompt -> {
            try (AudioInputStream sound = open(prompt)) {
                AudioFormat format = sound.getFormat();
                assertThat(format.getEncoding()).isEqualTo(Encoding.ULAW);
                assertThat(format.getSampleRate()).isEqualTo(8000);
                assertThat(format.getSampleSizeInBits()).isEqualTo(8);
                assertThat(format.getChannels()).isEqualTo(1);
                assertThat(sound.getFrameLength()).isEqualTo(8000);
            }
        });
    }

    @Test
    void everyPromptCanBeHeard() {
        assertThat(both())
                .allSatisfy(prompt -> assertThat(rootMeanSquare(prompt)).isBetween(1000.0, 10_000.0));
    }

    @Test
    void refusesAnUnknownLanguageAndAnotherFormat() {
        Bytes wav = bootstrap.get(0).wav();
        Bytes text = Bytes.copyOf(new byte[] {1, 2, 3});

        assertThatThrownBy(() -> new Prompt("prompt-1", "xx", "somewhere", wav))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'xx'");
        assertThatThrownBy(() -> new Prompt("prompt-1", "en", "somewhere", text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("3 bytes are not a WAV");
    }

    private Stream<Prompt> both() {
        return Stream.concat(bootstrap.stream(), stream.stream());
    }

    private static Map<String, Long> labels(List<Prompt> prompts) {
        return prompts.stream().collect(groupingBy(Prompt::label, counting()));
    }

    private static AudioInputStream open(Prompt prompt) throws IOException, UnsupportedAudioFileException {
        return AudioSystem.getAudioInputStream(prompt.wav().newInputStream());
    }

    /** Of 16-bit samples, by the JDK's own mu-law decoder. */
    private static double rootMeanSquare(Prompt prompt) throws IOException, UnsupportedAudioFileException {
        try (AudioInputStream linear = AudioSystem.getAudioInputStream(Encoding.PCM_SIGNED, open(prompt))) {
            ByteOrder order = linear.getFormat().isBigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            ShortBuffer samples =
                    ByteBuffer.wrap(linear.readAllBytes()).order(order).asShortBuffer();
            double sum = 0;
            for (int i = 0; i < samples.limit(); i++) {
                sum += (double) samples.get(i) * samples.get(i);
            }
            return Math.sqrt(sum / samples.limit());
        }
    }
}
