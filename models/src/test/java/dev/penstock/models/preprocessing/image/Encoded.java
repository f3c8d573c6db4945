package dev.penstock.models.preprocessing.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Real image files, by the JDK's own encoders. */
public final class Encoded {
    private Encoded() {}

    /** A picture with edges, gradients and some noise, in any of {@link BufferedImage}'s types. */
    public static BufferedImage picture(int width, int height, int type) {
        BufferedImage image = new BufferedImage(width, height, type);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int red = x * 255 / Math.max(1, width - 1);
                int green = y * 255 / Math.max(1, height - 1);
                int blue = (x / 3 + y / 2) % 2 * 200 + (x * 7 + y * 13) % 50;
                int alpha = image.getColorModel().hasAlpha() ? 255 - (x * 5 + y * 3) % 200 : 255;
                image.setRGB(x, y, alpha << 24 | red << 16 | green << 8 | blue);
            }
        }
        return image;
    }

    public static byte[] baseline(BufferedImage image, String format) {
        return encoded(image, format, ImageWriteParam.MODE_DISABLED);
    }

    /** Interlaced PNG and GIF, progressive JPEG. */
    public static byte[] progressive(BufferedImage image, String format) {
        return encoded(image, format, ImageWriteParam.MODE_DEFAULT);
    }

    private static byte[] encoded(BufferedImage image, String format, int mode) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam settings = writer.getDefaultWriteParam();
            if (settings.canWriteProgressive()) {
                settings.setProgressiveMode(mode);
            }
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
