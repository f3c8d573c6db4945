package dev.penstock.models.preprocessing.image;

import static dev.penstock.schemas.deadletter.DeadLetterCode.IMAGE_TOO_LARGE;
import static dev.penstock.schemas.deadletter.DeadLetterCode.INVALID_IMAGE;

import dev.penstock.models.preprocessing.payload.FileKind;
import dev.penstock.models.preprocessing.payload.UnusablePayloadException;

/**
 * An encoded image whose structure was read from one end to the other, and none of whose pixels were: its size is
 * within the limit and it does not end early.
 */
public interface ImageFile {
    /** Sides beyond this are refused whatever the area: JPEG and GIF cannot have them, and one row must fit in memory. */
    int LONGEST_SIDE = 65_535;

    /**
     * Tells the format by the bytes alone.
     *
     * @param content the file; not copied and not changed
     * @param contentType what the sender says it is, for the message only; may be empty
     * @param pixels the most that width times height may be
     */
    static ImageFile open(byte[] content, String contentType, long pixels) throws UnusablePayloadException {
        if (PngFile.matches(content)) {
            return PngFile.open(content, pixels);
        }
        if (JpegFile.matches(content)) {
            return JpegFile.open(content, pixels);
        }
        if (GifFile.matches(content)) {
            return GifFile.open(content, pixels);
        }
        if (BmpFile.matches(content)) {
            return BmpFile.open(content, pixels);
        }
        throw invalid("Cannot decode image: its %d bytes look like %s%s; send PNG, JPEG, GIF or BMP"
                .formatted(
                        content.length,
                        FileKind.of(content),
                        contentType.isEmpty() ? "" : ", declared as '%s'".formatted(shortened(contentType))));
    }

    /** At most four bytes a pixel are allocated. */
    Pixels decode() throws UnusablePayloadException;

    /** @throws UnusablePayloadException if the size is none or more than is allowed */
    static void checkSize(String format, long width, long height, long pixels) throws UnusablePayloadException {
        if (width < 1 || height < 1) {
            throw invalid("Cannot decode %s: its header says %d × %d pixels".formatted(format, width, height));
        }
        if (width > LONGEST_SIDE || height > LONGEST_SIDE || width * height > pixels) {
            throw new UnusablePayloadException(
                    IMAGE_TOO_LARGE,
                    "Cannot decode %s: its header says %d × %d = %d pixels, allowed are %d and %d a side"
                            .formatted(format, width, height, width * height, pixels, LONGEST_SIDE));
        }
    }

    /** @param reason one sentence with values */
    static UnusablePayloadException invalid(String reason) {
        return new UnusablePayloadException(INVALID_IMAGE, reason);
    }

    private static String shortened(String contentType) {
        return contentType.length() <= 60 ? contentType : contentType.substring(0, 60) + "…";
    }
}
