"""One-second mu-law clips of telephone prompts, from Debian's asterisk-core-sounds: prompts.py FOLDER TARGET

FOLDER has one folder per language (en, es, fr, it, ru) with the package of that language unpacked.
"""

import array
import itertools
import pathlib
import struct
import sys
import wave
import zipfile

import archive

LANGUAGES = ("en", "es", "fr", "it", "ru")
RATE = 8000
CLIPS_PER_LANGUAGE = 104
HOP = RATE // 100

# Chimpanzees. The other sounds that are not speech, beeps and tones, last less than the second asked for.
NOT_SPEECH = {"tt-monkeys"}

# Prompts whose loudest second is that of another prompt of the language, found by cross-correlation (over 0.95).
SAME_RECORDING = {
    "en/queue-seconds",
    "es/conf-lockednow",
    "es/conf-usermenu",
    "es/dictate/record_help",
    "es/dir-usingkeypad",
    "es/pbx-invalid",
    "es/vm-incorrect",
    "es/vm-minutes",
    "es/vm-pls-try-again",
    "fr/conf-usermenu",
    "fr/confbridge-binaural-on",
    "fr/dir-welcome",
    "fr/pbx-invalid",
    "it/dir-intro-fn",
    "ru/confbridge-rest-list-vol-out",
}


def read(folder, language):
    """The prompts of a language that last a second or more, as (name, samples)."""
    (voice,) = (folder / language / "usr/share/asterisk/sounds").iterdir()
    for path in sorted(voice.rglob("*.wav")):
        prompt = path.relative_to(voice).with_suffix("").as_posix()
        if prompt.startswith("silence/") or prompt in NOT_SPEECH or f"{language}/{prompt}" in SAME_RECORDING:
            continue
        with wave.open(str(path)) as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 2), path
            samples = array.array("h", sound.readframes(sound.getnframes()))
        if sys.byteorder == "big":
            samples.byteswap()
        if len(samples) >= RATE:
            yield f"{language}/{prompt}.wav", samples


def name(prompt):
    return prompt[0]


def loudest_second(samples):
    """The second with the most energy, of those that start at a multiple of ten milliseconds."""
    energy = [0, *itertools.accumulate(sample * sample for sample in samples)]
    start = max(range(0, len(samples) - RATE + 1, HOP), key=lambda start: energy[start + RATE] - energy[start])
    return samples[start : start + RATE]


def mu_law(sample):
    """ITU-T G.711 mu-law of a 16-bit sample: sign, three bits of exponent, four of mantissa, all inverted."""
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~((0x80 if sample < 0 else 0) | exponent << 4 | magnitude >> exponent + 3 & 0x0F) & 0xFF


def wav(samples):
    """A RIFF file with format tag 7; a format other than PCM needs the fact chunk with the number of samples."""
    content = bytes(map(mu_law, samples))
    return riff(
        chunk(b"fmt ", struct.pack("<HHIIHHH", 7, 1, RATE, RATE, 1, 8, 0)),
        chunk(b"fact", struct.pack("<I", len(content))),
        chunk(b"data", content),
    )


def riff(*chunks):
    return chunk(b"RIFF", b"WAVE" + b"".join(chunks))


def chunk(kind, content):
    return kind + struct.pack("<I", len(content)) + content


def main(folder, target):
    clips = []
    for language in LANGUAGES:
        prompts = archive.shuffled(read(folder, language), name, "choose")
        clips += [(name(prompt), wav(loudest_second(prompt[1]))) for prompt in prompts[:CLIPS_PER_LANGUAGE]]
    assert len({clip for _, clip in clips}) == len(clips), "no two clips are the same"
    bootstrap = archive.stratified(clips, lambda clip: name(clip)[:2], len(clips) // 2)
    for split, members in ("bootstrap", bootstrap), ("stream", archive.without(clips, bootstrap)):
        entries = archive.shuffled(members, name, "order")
        archive.write_zip(target / f"prompts-{split}.zip", entries, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:]))
