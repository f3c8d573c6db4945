package dev.penstock.models.preprocessing.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How a camera was held. Whatever is odd about the EXIF data, the image is still an image: then it is 1. */
final class ExifOrientation {
    private static final int UPRIGHT = 1;
    private static final int ORIENTATION_TAG = 0x0112;
    private static final int ENTRY_BYTES = 12;

    private ExifOrientation() {}

    /**
     * @param start where the TIFF header is
     * @param end after the last byte
     * @return 1 to 8
     */
    static int of(byte[] content, int start, int end) {
        if (end - start < 8) {
            return UPRIGHT;
        }
        ByteBuffer tiff = ByteBuffer.wrap(content, start, end - start).slice();
        tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long directory = tiff.getInt(4) & 0xFFFFFFFFL;
        if (directory > tiff.capacity() - 2) {
            return UPRIGHT;
        }
        int entries = Short.toUnsignedInt(tiff.getShort((int) directory));
        for (int entry = 0; entry < entries; entry++) {
            int at = (int) directory + 2 + entry * ENTRY_BYTES;
            if (at + ENTRY_BYTES > tiff.capacity()) {
                return UPRIGHT;
            }
            if (Short.toUnsignedInt(tiff.getShort(at)) == ORIENTATION_TAG) {
                int orientation = Short.toUnsignedInt(tiff.getShort(at + 8));
                return orientation >= 1 && orientation <= 8 ? orientation : UPRIGHT;
            }
        }
        return UPRIGHT;
    }
}
