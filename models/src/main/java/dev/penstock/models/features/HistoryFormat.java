package dev.penstock.models.features;

import dev.penstock.schemas.pipelines.RequestField;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.datasketches.hll.HllSketch;
import org.jspecify.annotations.Nullable;

/**
 * How a history is saved. Columns are saved by name: a group that gains a feature keeps what it knew of the others, and
 * begins with nothing for the new one.
 */
final class HistoryFormat {
    private static final byte VERSION = 1;
    private static final int USUAL_BYTES = 512;

    private HistoryFormat() {}

    static byte[] write(KeyHistory history) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(history.newest());
            out.writeByte(history.tiles().size());
            for (Tiles tiles : history.tiles()) {
                write(tiles, out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(Tiles tiles, DataOutputStream out) throws IOException {
        TilePlan plan = tiles.plan();
        out.writeLong(plan.lengthMillis());
        writeNames(plan.numbers(), out);
        writeNames(plan.values().stream().map(RequestField::toString).toList(), out);
        writeNames(plan.labels(), out);
        out.writeInt(tiles.all().size());
        for (Tile tile : tiles.all()) {
            out.writeLong(tile.number);
            out.writeInt(tile.events);
            for (Tile.Sums sums : tile.sums) {
                out.writeInt(sums.events);
                out.writeDouble(sums.sum);
                out.writeDouble(sums.min);
                out.writeDouble(sums.max);
            }
            for (HllSketch sketch : tile.distinct) {
                byte[] image = sketch == null ? new byte[0] : sketch.toCompactByteArray();
                out.writeShort(image.length);
                out.write(image);
            }
            for (int labelled : tile.labelled) {
                out.writeInt(labelled);
            }
        }
    }

    /** @throws IllegalStateException if it is no history of ours */
    static void read(byte[] bytes, KeyHistory into) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte version = in.readByte();
            if (version != VERSION) {
                throw new IllegalStateException(
                        "Cannot read the history of a key: it is of format %d, this version knows %d; start from a state that this version wrote"
                                .formatted(version, VERSION));
            }
            into.restore(in.readLong());
            int kinds = in.readByte();
            for (int kind = 0; kind < kinds; kind++) {
                readTiles(in, into);
            }
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Cannot read the history of a key: its %d bytes end early".formatted(bytes.length), e);
        }
    }

    private static void readTiles(DataInputStream in, KeyHistory into) throws IOException {
        long length = in.readLong();
        @Nullable
        Tiles tiles = into.tiles().stream()
                .filter(candidate -> candidate.plan().lengthMillis() == length)
                .findFirst()
                .orElse(null);
        List<String> numbers = readNames(in);
        List<String> values = readNames(in);
        List<String> labels = readNames(in);
        int count = in.readInt();
        for (int index = 0; index < count; index++) {
            long number = in.readLong();
            Tile tile = tiles == null ? null : new Tile(number, tiles.plan());
            readTile(in, tile, tiles == null ? null : tiles.plan(), numbers, values, labels);
            if (tiles != null && tile != null) {
                tiles.all().add(tile);
            }
        }
    }

    /** @param tile null where nothing needs it any more: then it is read over */
    private static void readTile(
            DataInputStream in,
            @Nullable Tile tile,
            @Nullable TilePlan plan,
            List<String> numbers,
            List<String> values,
            List<String> labels)
            throws IOException {
        int events = in.readInt();
        if (tile != null) {
            tile.events = events;
        }
        for (String number : numbers) {
            int column = plan == null ? -1 : plan.numbers().indexOf(number);
            Tile.Sums sums = tile == null || column < 0 ? new Tile.Sums() : tile.sums[column];
            sums.events = in.readInt();
            sums.sum = in.readDouble();
            sums.min = in.readDouble();
            sums.max = in.readDouble();
        }
        for (String value : values) {
            byte[] image = new byte[in.readUnsignedShort()];
            in.readFully(image);
            int column = plan == null ? -1 : plan.values().indexOf(RequestField.parse(value));
            if (tile != null && column >= 0 && image.length > 0) {
                tile.distinct[column] = HllSketch.heapify(image);
            }
        }
        for (String label : labels) {
            int labelled = in.readInt();
            int column = plan == null ? -1 : plan.labels().indexOf(label);
            if (tile != null && column >= 0) {
                tile.labelled[column] = labelled;
            }
        }
    }

    private static void writeNames(List<String> names, DataOutputStream out) throws IOException {
        out.writeByte(names.size());
        for (String name : names) {
            out.writeUTF(name);
        }
    }

    private static List<String> readNames(DataInputStream in) throws IOException {
        List<String> names = new ArrayList<>();
        int count = in.readUnsignedByte();
        for (int index = 0; index < count; index++) {
            names.add(in.readUTF());
        }
        return names;
    }
}
