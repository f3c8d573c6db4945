"""What the three builders share: a fixed shuffle, and archives that are the same bytes in every run."""

import gzip
import hashlib
import zipfile


def shuffled(items, name, purpose):
    """The items in an order that depends on their names and the purpose alone: no run and no Python changes it.

    What was chosen in one order must be put in another, else the ends of a split lack some labels.
    """
    return sorted(items, key=lambda item: hashlib.sha256(f"{purpose} {name(item)}".encode()).digest())


def stratified(items, stratum, size):
    """The first items of every stratum, as many as its share of the whole, in the order of the items."""
    assert size <= len(items), f"cannot choose {size} of {len(items)} items"
    strata = {}
    for item in items:
        strata.setdefault(stratum(item), []).append(item)
    exact = {key: size * len(members) / len(items) for key, members in sorted(strata.items())}
    quota = {key: int(share) for key, share in exact.items()}
    for key in sorted(exact, key=lambda key: quota[key] - exact[key])[: size - sum(quota.values())]:
        quota[key] += 1
    chosen = {id(item) for key, members in strata.items() for item in members[: quota[key]]}
    return [item for item in items if id(item) in chosen]


def without(items, taken):
    """The items that are not among those taken, in order."""
    taken = {id(item) for item in taken}
    return [item for item in items if id(item) not in taken]


def write_zip(path, entries, compression):
    """Entries of (name, bytes), in the order given and with the earliest time that a zip can name."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries:
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, compress_type=compression, compresslevel=9)
    report(path, len(entries))


def write_lines(path, lines):
    """UTF-8 lines in a gzip file that holds neither its name nor its time."""
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as archive:
        archive.write("".join(line + "\n" for line in lines).encode())
    report(path, len(lines))


def report(path, count):
    content = path.read_bytes()
    print(f"{path.name:24} {count:5} items {len(content):9,} bytes  sha256 {hashlib.sha256(content).hexdigest()[:16]}")
