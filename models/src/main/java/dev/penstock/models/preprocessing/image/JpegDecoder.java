package dev.penstock.models.preprocessing.image;

import dev.penstock.models.preprocessing.payload.UnusablePayloadException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import org.jspecify.annotations.Nullable;

/** Gives a checked and stripped JPEG to the JDK's libjpeg, and takes its guesses about damaged data for an error. */
final class JpegDecoder {
    private static final ImageReaderSpi LIBJPEG = libjpeg();

    private JpegDecoder() {}

    /** Whatever else is on the class path: other plug-ins would read the same files by other rules. */
    private static ImageReaderSpi libjpeg() {
        Iterator<ImageReaderSpi> readers =
                IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, true);
        while (readers.hasNext()) {
            ImageReaderSpi reader = readers.next();
            if (reader.getClass().getName().startsWith("com.sun.imageio.plugins.jpeg.")) {
                return reader;
            }
        }
        throw new IllegalStateException(
                "Cannot decode JPEG: this Java runtime has no JPEG reader; use one with java.desktop");
    }

    static Pixels decode(JpegFile file) throws UnusablePayloadException {
        ImageReader reader = null;
        try (BytesInput input = new BytesInput(file.stripped())) {
            reader = LIBJPEG.createReaderInstance();
            Damage damage = new Damage();
            reader.addIIOReadWarningListener(damage);
            reader.setInput(input, true, true);
            Pixels pixels = read(reader, file);
            if (damage.found != null) {
                throw ImageFile.invalid("Cannot decode JPEG: %s".formatted(damage.found));
            }
            return pixels.oriented(file.orientation());
        } catch (IOException | RuntimeException e) {
            // The reader throws whatever its own arithmetic runs into: NegativeArraySizeException, for one.
            throw ImageFile.invalid("Cannot decode JPEG: %s".formatted(e.getMessage() == null ? e : e.getMessage()));
        } finally {
            if (reader != null) {
                reader.dispose();
            }
        }
    }

    private static Pixels read(ImageReader reader, JpegFile file) throws IOException {
        switch (file.colours()) {
            case GREY -> {
                return Pixels.of(bytes(reader.read(0).getRaster(), 1), file.width(), file.height(), 1);
            }
            case RGB, YCBCR -> {
                BufferedImage image = reader.read(0);
                byte[] pixels = bytes(image.getRaster(), 3);
                if (image.getType() == BufferedImage.TYPE_3BYTE_BGR) {
                    swapRedAndBlue(pixels);
                }
                return Pixels.of(pixels, file.width(), file.height(), 3);
            }
            default -> {
                byte[] inks = bytes(reader.readRaster(0, null), 4);
                return Pixels.of(fromInks(inks, file.colours()), file.width(), file.height(), 3);
            }
        }
    }

    private static byte[] bytes(Raster raster, int channels) throws IOException {
        if (raster.getDataBuffer() instanceof DataBufferByte data
                && data.getData().length == raster.getWidth() * raster.getHeight() * channels) {
            return data.getData();
        }
        throw new IOException("unexpected layout: %s".formatted(raster));
    }

    private static void swapRedAndBlue(byte[] pixels) {
        for (int at = 0; at < pixels.length; at += 3) {
            byte blue = pixels[at];
            pixels[at] = pixels[at + 2];
            pixels[at + 2] = blue;
        }
    }

    /** Without a profile, as TensorFlow's DecodeJpeg does it: light is what two layers of ink let through. */
    private static byte[] fromInks(byte[] inks, JpegFile.Colours colours) {
        byte[] pixels = new byte[inks.length / 4 * 3];
        for (int from = 0, to = 0; from < inks.length; from += 4, to += 3) {
            int first = inks[from] & 0xFF;
            int second = inks[from + 1] & 0xFF;
            int third = inks[from + 2] & 0xFF;
            int black = inks[from + 3] & 0xFF;
            if (colours == JpegFile.Colours.INVERTED_YCCK) {
                // JFIF's YCbCr to RGB, which here stands for the complement of cyan, magenta and yellow.
                double blueness = second - 128;
                double redness = third - 128;
                int luma = first;
                first = 255 - clamp(luma + 1.402 * redness);
                second = 255 - clamp(luma - 0.344136 * blueness - 0.714136 * redness);
                third = 255 - clamp(luma + 1.772 * blueness);
            }
            if (colours == JpegFile.Colours.CMYK) {
                first = 255 - first;
                second = 255 - second;
                third = 255 - third;
                black = 255 - black;
            }
            pixels[to] = (byte) (first * black / 255);
            pixels[to + 1] = (byte) (second * black / 255);
            pixels[to + 2] = (byte) (third * black / 255);
        }
        return pixels;
    }

    private static int clamp(double value) {
        return (int) Math.max(0, Math.min(255, Math.round(value)));
    }

    /** libjpeg goes on after damage and fills the rest with grey; its warnings are how it says so. */
    private static final class Damage implements IIOReadWarningListener {
        private @Nullable String found;

        @Override
        public void warningOccurred(ImageReader reader, String warning) {
            boolean harmless = warning.toLowerCase(Locale.ROOT).contains("extraneous bytes before marker");
            if (found == null && !harmless) {
                found = warning;
                reader.abort();
            }
        }
    }
}
