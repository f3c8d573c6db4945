/**
 * Encoded images to pixels to numbers. Start with {@link dev.penstock.models.preprocessing.image.ImageFile}, then
 * {@link dev.penstock.models.preprocessing.image.ImageScaler}.
 *
 * <p>PNG, GIF and BMP are decoded here and JPEG by the JDK's libjpeg: this way a damaged file is refused instead of
 * decoded halfway, colour profiles and text chunks are never looked at, and nothing is allocated that the header was not
 * checked for.
 */
@NullMarked
package dev.penstock.models.preprocessing.image;

import org.jspecify.annotations.NullMarked;
