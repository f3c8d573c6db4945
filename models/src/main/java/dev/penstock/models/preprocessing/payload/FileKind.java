package dev.penstock.models.preprocessing.payload;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Names what a file is by its first bytes, so that a refusal can say what was sent instead. */
public final class FileKind {
    private static final int LONGEST_MAGIC = 16;
    private static final int SHOWN_BYTES = 8;

    private record Magic(int offset, String bytes, String name) {
        boolean matches(byte[] content) {
            if (content.length < offset + bytes.length()) {
                return false;
            }
            for (int index = 0; index < bytes.length(); index++) {
                if ((content[offset + index] & 0xFF) != bytes.charAt(index)) {
                    return false;
                }
            }
            return true;
        }
    }

    // Longer and more telling ones first. From the file(1) magic database.
    private static final List<Magic> MAGICS = List.of(
            new Magic(0, "\u0089PNG\r\n\u001a\n", "a PNG image"),
            new Magic(0, "\u00ff\u00d8\u00ff", "a JPEG image"),
            new Magic(0, "GIF8", "a GIF image"),
            new Magic(8, "WEBP", "a WebP image"),
            new Magic(8, "WAVE", "a WAVE clip"),
            new Magic(8, "AVI ", "an AVI video"),
            new Magic(4, "ftypavif", "an AVIF image"),
            new Magic(4, "ftyphei", "a HEIC image"),
            new Magic(4, "ftypmif1", "a HEIF image"),
            new Magic(4, "ftypM4A", "an M4A (AAC) clip"),
            new Magic(4, "ftyp", "an MP4 or QuickTime file"),
            new Magic(0, "\0\0\0\fJXL ", "a JPEG XL image"),
            new Magic(0, "\u00ff\n", "a JPEG XL image"),
            new Magic(0, "\0\0\0\fjP  ", "a JPEG 2000 image"),
            new Magic(0, "\u00ffO\u00ffQ", "a JPEG 2000 image"),
            new Magic(0, "II*\0", "a TIFF image"),
            new Magic(0, "MM\0*", "a TIFF image"),
            new Magic(0, "8BPS", "a Photoshop file"),
            new Magic(0, "\0\0\u0001\0", "a Windows icon"),
            new Magic(0, "ID3", "an MP3 clip"),
            new Magic(0, "fLaC", "a FLAC clip"),
            new Magic(28, "OpusHead", "an Ogg Opus clip"),
            new Magic(28, "\u0001vorbis", "an Ogg Vorbis clip"),
            new Magic(0, "OggS", "an Ogg file"),
            new Magic(0, "RF64", "an RF64 clip"),
            new Magic(0, "BW64", "a BW64 clip"),
            new Magic(0, "RIFX", "a big-endian RIFF (RIFX) file"),
            new Magic(0, "riff.\u0091\u00cf\u0011", "a Wave64 clip"),
            new Magic(0, "#!AMR", "an AMR clip"),
            new Magic(0, ".snd", "an AU clip"),
            new Magic(8, "AIFF", "an AIFF clip"),
            new Magic(8, "AIFC", "an AIFF-C clip"),
            new Magic(0, "\u001aE\u00df\u00a3", "a Matroska or WebM file"),
            new Magic(0, "%PDF", "a PDF document"),
            new Magic(0, "PK\u0003\u0004", "a ZIP archive"),
            new Magic(0, "\u001f\u008b", "gzip data"),
            new Magic(0, "BZh", "bzip2 data"),
            new Magic(0, "(\u00b5/\u00fd", "Zstandard data"),
            new Magic(0, "\u007fELF", "a program"),
            new Magic(0, "MZ", "a Windows program"),
            new Magic(0, "BM", "a BMP image"));

    private FileKind() {}

    /** Such as {@code a WebP image} or {@code unknown data (00 01 02 03)}. */
    public static String of(byte[] content) {
        for (Magic magic : MAGICS) {
            if (magic.matches(content)) {
                return magic.name();
            }
        }
        // MPEG audio without tags: eleven set bits, then a layer that is not the reserved one.
        if (content.length > 1 && (content[0] & 0xFF) == 0xFF && (content[1] & 0xE0) == 0xE0) {
            return (content[1] & 0x06) == 0 ? "an AAC clip" : "an MP3 clip";
        }
        String start = new String(content, 0, Math.min(content.length, LONGEST_MAGIC), ISO_8859_1);
        return ofText(start).orElseGet(() -> "unknown data (%s)"
                .formatted(HexFormat.ofDelimiter(" ").formatHex(content, 0, Math.min(content.length, SHOWN_BYTES))));
    }

    private static Optional<String> ofText(String start) {
        String trimmed = start.strip().toLowerCase(Locale.ROOT);
        if (trimmed.startsWith("<svg")) {
            return Optional.of("an SVG image");
        }
        if (trimmed.startsWith("<!doctype") || trimmed.startsWith("<html")) {
            return Optional.of("an HTML page");
        }
        if (trimmed.startsWith("<?xml")) {
            return Optional.of("an XML document");
        }
        if (trimmed.startsWith("{") || trimmed.startsWith("[")) {
            return Optional.of("JSON");
        }
        if (trimmed.startsWith("data:")) {
            return Optional.of("a data URI: send the bytes themselves");
        }
        boolean readable = !start.isEmpty()
                && start.chars().allMatch(c -> (c >= ' ' && c < 0x7F) || c == '\n' || c == '\r' || c == '\t');
        return readable ? Optional.of("text ('%s')".formatted(start.strip())) : Optional.empty();
    }
}
