package dev.penstock.models.preprocessing.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.awt.image.BufferedImage;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageFileTest {
    @Test
    void believesTheBytesAndNotTheDeclaredType() throws Exception {
        byte[] png = Encoded.baseline(Encoded.picture(5, 4, BufferedImage.TYPE_3BYTE_BGR), "png");

        assertThat(ImageFile.open(png, "image/jpeg", 100).decode().width()).isEqualTo(5);
    }

    @ParameterizedTest
    @CsvSource({
        "52494646 00000000 57454250, a WebP image",
        "49492A00 08000000, a TIFF image",
        "00000020 66747970 68656963, a HEIC image",
        "25504446 2D312E37, a PDF document",
        "FFFB9064 00000000, an MP3 clip",
        "00010203, unknown data (00 01 02 03)"
    })
    void saysWhatOtherBytesLookLike(String hex, String name) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));

        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> ImageFile.open(bytes, "image/png", 100))
                .satisfies(e -> assertThat(e.code()).isEqualTo(DeadLetterCode.INVALID_IMAGE))
                .withMessage(
                        "Cannot decode image: its %d bytes look like %s, declared as 'image/png'; send PNG, JPEG, GIF or BMP"
                                .formatted(bytes.length, name));
    }

    @ParameterizedTest
    @CsvSource({"<svg xmlns=''/>, an SVG image", "<!DOCTYPE html>, an HTML page", "hello, text ('hello')"})
    void saysWhatTextLooksLike(String text, String name) {
        assertThatExceptionOfType(UnusablePayloadException.class)
                .isThrownBy(() -> ImageFile.open(text.getBytes(UTF_8), "", 100))
                .withMessageContaining("look like %s;".formatted(name));
    }
}
