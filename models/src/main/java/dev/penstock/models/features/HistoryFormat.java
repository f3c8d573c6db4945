package dev.penstock.models.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.schemas.pipelines.RequestField;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a history is saved. Columns are saved by name: a group that gains a feature keeps what it knew of the others, and
 * begins with nothing for the new one. As long as a group stays what it was, names are compared as bytes and not read.
 */
final class HistoryFormat {
    private static final byte VERSION = 1;
    private static final int SUMS_BYTES = Integer.BYTES + 3 * Double.BYTES;

    private HistoryFormat() {}

    /** The columns of some tiles, as they were when these were saved. */
    private record Columns(List<String> numbers, List<String> values, List<String> labels) {}

    static byte[] write(KeyHistory history) {
        int size = Byte.BYTES + Long.BYTES + Byte.BYTES;
        for (Tiles tiles : history.tiles()) {
            size += size(tiles);
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.put(VERSION);
        out.putLong(history.newest());
        out.put((byte) history.tiles().size());
        for (Tiles tiles : history.tiles()) {
            write(tiles, out);
        }
        return out.array();
    }

    private static int size(Tiles tiles) {
        TilePlan plan = tiles.plan();
        int size = Long.BYTES + Integer.BYTES + plan.savedNames().length + Integer.BYTES;
        int fixed = Long.BYTES
                + Integer.BYTES
                + plan.numbers().size() * SUMS_BYTES
                + plan.values().size() * Short.BYTES
                + plan.labels().size() * Integer.BYTES;
        for (Tile tile : tiles.all()) {
            size += fixed;
            for (DistinctValues distinct : tile.distinct) {
                size += distinct.image().length;
            }
        }
        return size;
    }

    private static void write(Tiles tiles, ByteBuffer out) {
        TilePlan plan = tiles.plan();
        out.putLong(plan.lengthMillis());
        out.putInt(plan.savedNames().length);
        out.put(plan.savedNames());
        out.putInt(tiles.all().size());
        for (Tile tile : tiles.all()) {
            out.putLong(tile.number);
            out.putInt(tile.events);
            for (Tile.Sums sums : tile.sums) {
                out.putInt(sums.events);
                out.putDouble(sums.sum);
                out.putDouble(sums.min);
                out.putDouble(sums.max);
            }
            for (DistinctValues distinct : tile.distinct) {
                out.putShort((short) distinct.image().length);
                out.put(distinct.image());
            }
            for (int labelled : tile.labelled) {
                out.putInt(labelled);
            }
        }
    }

    /** @throws IllegalStateException if it is no history of ours */
    static void read(byte[] bytes, KeyHistory into) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            byte version = in.get();
            if (version != VERSION) {
                throw new IllegalStateException(
                        "Cannot read the history of a key: it is of format %d, this version knows %d; start from a state that this version wrote"
                                .formatted(version, VERSION));
            }
            into.restore(in.getLong());
            int kinds = in.get();
            for (int kind = 0; kind < kinds; kind++) {
                readTiles(in, into);
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalStateException(
                    "Cannot read the history of a key: its %d bytes end early".formatted(bytes.length), e);
        }
    }

    private static void readTiles(ByteBuffer in, KeyHistory into) {
        long length = in.getLong();
        Tiles tiles = ofLength(length, into);
        byte[] names = bytes(in.getInt(), in);
        Columns columns = tiles != null && tiles.plan().hasSavedNames(names) ? null : columns(ByteBuffer.wrap(names));
        int count = in.getInt();
        for (int index = 0; index < count; index++) {
            long number = in.getLong();
            if (tiles != null && columns == null) {
                tiles.all().add(tile(in, number, tiles.plan()));
            } else if (tiles != null) {
                tiles.all().add(tile(in, number, tiles.plan(), columns));
            } else {
                readOver(in, columns);
            }
        }
    }

    private static @Nullable Tiles ofLength(long length, KeyHistory history) {
        for (Tiles tiles : history.tiles()) {
            if (tiles.plan().lengthMillis() == length) {
                return tiles;
            }
        }
        return null;
    }

    /** A tile with the columns that it has now. */
    private static Tile tile(ByteBuffer in, long number, TilePlan plan) {
        Tile tile = new Tile(number, plan);
        tile.events = in.getInt();
        for (Tile.Sums sums : tile.sums) {
            read(in, sums);
        }
        for (int column = 0; column < tile.distinct.length; column++) {
            tile.distinct[column] = new DistinctValues(bytes(in.getShort(), in));
        }
        for (int column = 0; column < tile.labelled.length; column++) {
            tile.labelled[column] = in.getInt();
        }
        return tile;
    }

    /** A tile of an earlier version of its group. */
    private static Tile tile(ByteBuffer in, long number, TilePlan plan, Columns columns) {
        Tile tile = new Tile(number, plan);
        tile.events = in.getInt();
        for (String name : columns.numbers()) {
            int column = plan.numbers().indexOf(name);
            read(in, column < 0 ? new Tile.Sums() : tile.sums[column]);
        }
        for (String name : columns.values()) {
            DistinctValues distinct = new DistinctValues(bytes(in.getShort(), in));
            int column = plan.values().indexOf(RequestField.parse(name));
            if (column >= 0) {
                tile.distinct[column] = distinct;
            }
        }
        for (String name : columns.labels()) {
            int labelled = in.getInt();
            int column = plan.labels().indexOf(name);
            if (column >= 0) {
                tile.labelled[column] = labelled;
            }
        }
        return tile;
    }

    /** A tile that no window needs any more. */
    private static void readOver(ByteBuffer in, Columns columns) {
        in.getInt();
        columns.numbers().forEach(name -> read(in, new Tile.Sums()));
        columns.values().forEach(name -> bytes(in.getShort(), in));
        columns.labels().forEach(name -> in.getInt());
    }

    private static void read(ByteBuffer in, Tile.Sums sums) {
        sums.events = in.getInt();
        sums.sum = in.getDouble();
        sums.min = in.getDouble();
        sums.max = in.getDouble();
    }

    /** The names of a plan's columns, in their order, as {@link #columns} reads them. */
    static byte[] names(List<String> numbers, List<RequestField> values, List<String> labels) {
        List<List<String>> all =
                List.of(numbers, values.stream().map(RequestField::toString).toList(), labels);
        int size = all.size() * Short.BYTES;
        for (List<String> names : all) {
            for (String name : names) {
                size += Short.BYTES + name.getBytes(UTF_8).length;
            }
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        for (List<String> names : all) {
            out.putShort((short) names.size());
            for (String name : names) {
                byte[] utf8 = name.getBytes(UTF_8);
                out.putShort((short) utf8.length).put(utf8);
            }
        }
        return out.array();
    }

    private static Columns columns(ByteBuffer in) {
        return new Columns(names(in), names(in), names(in));
    }

    private static List<String> names(ByteBuffer in) {
        List<String> names = new ArrayList<>();
        for (int left = in.getShort(); left > 0; left--) {
            names.add(new String(bytes(in.getShort(), in), UTF_8));
        }
        return names;
    }

    private static byte[] bytes(int length, ByteBuffer in) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
