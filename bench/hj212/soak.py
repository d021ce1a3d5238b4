"""A million spoilt frames: nothing raises, no good frame after a bad one is lost, memory stays.

    python bench/hj212/soak.py [--frames 1000000] [--seed 1]

Frames of every dialect and deviation are spoilt in several ways at once (bits flipped, pieces cut
out, put in, doubled, joined, lengths and checksums forged), with good frames between them, and
come in pieces of any size. Prints one JSON object; ends with 1 when an invariant was broken.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from qingyuan import hj212
from qingyuan.core.problems import Problem
from qingyuan.synth.devices import DEVIATIONS, Content, kind_of
from qingyuan.synth.devices.deviate import deviated

KEY = hj212.Key(b"0123456789abcdef")
AT = datetime(2026, 9, 22, tzinfo=UTC)
SECOND = int(AT.timestamp())
MN = "010000A8900016F000169DC0"
HELD = 64 * 1024  # bytes a framer may hold (hj212.md §7)


def originals() -> list[bytes]:
    """Return frames of every dialect and deviation, short and long, plain and encrypted."""
    frames = []
    for dialect in ("2005", "2017", "2025", "surface-water"):
        for factors in (1, 5, 20):
            content = Content(kind_of(dialect, factors=factors), 1)
            for cn in ("2011", "2051", "2061"):
                for key in (None, KEY):
                    said = content.packets(
                        station=1, cn=cn, second=SECOND, mn=MN, pw="123456",
                        qn_ms=SECOND * 1000, key=key,
                    )  # fmt: skip
                    frames += [one.raw for one in said]
    plain = frames[0]
    frames += [deviated(plain, name) for name in DEVIATIONS]
    packet = hj212.parse(plain)
    frames += [hj212.answer(packet, cn) for cn in ("9011", "9012", "9013", "9014")]
    return frames


def good(number: int) -> bytes:
    """Return a correct frame that is recognised by its number."""
    return hj212.upload(
        cn="2011", mn=MN, st="32", pw="123456", qn=AT + timedelta(milliseconds=number),
        data_time=AT, values={"w01018": {"Rtd": f"{number % 1000}.5", "Flag": "N"}},
    )  # fmt: skip


def flip(raw: bytearray, chance: random.Random) -> None:
    """Flip a bit."""
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)


def replace(raw: bytearray, chance: random.Random) -> None:
    """Write another byte."""
    raw[chance.randrange(len(raw))] = chance.choice(b"#&;,=\r\n\x00\xff0AaQ9")


def cut(raw: bytearray, chance: random.Random) -> None:
    """Take a piece out."""
    at = chance.randrange(len(raw))
    del raw[at : at + chance.randrange(1, 40)]


def put(raw: bytearray, chance: random.Random) -> None:
    """Put a piece in."""
    at = chance.randrange(len(raw))
    raw[at:at] = chance.choice(
        (b"##", b"&&", b"CP=&&", b"\r\n", b"\x00" * 20, b"##0101", b"//", b"GET / HTTP/1.1\r\n\r\n",
         chance.randbytes(chance.randrange(1, 30)))
    )  # fmt: skip


def double(raw: bytearray, chance: random.Random) -> None:
    """Say a piece twice."""
    at = chance.randrange(len(raw))
    raw[at:at] = raw[at : at + chance.randrange(1, 60)]


def truncate(raw: bytearray, chance: random.Random) -> None:
    """Lose the end."""
    del raw[chance.randrange(1, len(raw) + 1) :]


def forge_length(raw: bytearray, chance: random.Random) -> None:
    """Announce another length."""
    size = chance.choice((0, 1, 9999, 8192, 1024, chance.randrange(10_000), len(raw) - 12))
    raw[2:6] = chance.choice((b"%04d", b"%d", b"%08d")) % size


def forge_crc(raw: bytearray, chance: random.Random) -> None:
    """Write another checksum."""
    raw[-6:-2] = chance.choice((b"0000", b"FFFF", b"1C80", b"", b"0", raw[-4:-2] + raw[-6:-4]))


WAYS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    flip, flip, replace, cut, put, double, truncate, forge_length, forge_crc,
)  # fmt: skip


def spoil(raw: bytes, chance: random.Random) -> bytes:
    """Return a frame spoilt in one to four ways."""
    bad = bytearray(raw)
    for way in chance.choices(WAYS, k=chance.randrange(1, 5)):
        if len(bad) > 12:
            way(bad, chance)
    return bytes(bad)


def stream(frames: int, chance: random.Random) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield stretches of a stream, each with the good frames it holds."""
    base, number = originals(), 0
    while number < frames:
        pieces, kept = [], []
        for _ in range(min(50, frames - number)):
            pieces.append(spoil(chance.choice(base), chance))
            number += 1
            if number % 2 == 0:
                kept.append(good(number))
                pieces.append(kept[-1])
        yield b"".join(pieces), kept


def soak(frames: int, *, seed: int) -> dict[str, object]:
    """Feed so many spoilt frames and return what was seen; ``broken`` lists broken invariants."""
    chance = random.Random(seed)
    framer, sessions = hj212.Framer(), hj212.Sessions()
    parts = hj212.Reassembly(timeout=timedelta(seconds=60))
    seen: Counter[str] = Counter()
    broken: list[str] = []
    fed = out = held = 0
    began, at, settled = time.perf_counter(), AT, 0
    for data, kept in stream(frames, chance):
        events = []
        for piece in _pieces(data, chance):
            events += framer.feed(piece)
            held = max(held, framer.pending)
        fed += len(data)
        wanted = set(kept)
        if framer.pending:
            events += framer.close()
        for event in events:
            out += len(event.raw)
            at += timedelta(milliseconds=5)
            wanted.discard(event.raw)
            try:
                _use(event, sessions, parts, at, chance, seen)
            except Exception as fault:  # noqa: BLE001 -- what is looked for
                broken.append(f"{type(fault).__name__}: {fault} on {event.raw[:200]!r}")
        broken += [f"lost: {raw!r}" for raw in wanted]
        if fed > 2_000_000 and not settled:
            settled = _rss()
    if out != fed:
        broken.append(f"{fed} bytes in, {out} bytes out")
    if held > HELD:
        broken.append(f"{held} bytes held")
    return {
        "frames": frames,
        "seed": seed,
        "seconds": round(time.perf_counter() - began, 1),
        "bytes": fed,
        "most_bytes_held": held,
        "memory_growth_mb": round((_rss() - settled) / 1024, 1) if settled else None,
        "verdicts": {name: seen[name] for name in ("valid", "repaired", "rejected")},
        "codes_seen": sum(name.count(".") for name in seen),
        "broken": broken[:20],
        "machine": f"{platform.machine()} {platform.system()}",
        "python": platform.python_version(),
    }


def _use(
    event: hj212.Frame | hj212.Noise,
    sessions: hj212.Sessions,
    parts: hj212.Reassembly,
    at: datetime,
    chance: random.Random,
    seen: Counter[str],
) -> None:
    packet = hj212.parse(event, key=KEY if chance.random() < 0.5 else None)
    seen[str(packet.verdict)] += 1
    seen.update(packet.reasons)
    json.dumps(hj212.as_json(packet, n=1))
    if chance.random() < 0.02:
        hj212.explain(packet)
    sessions.hear(packet, at=at)
    parts.feed(packet, at=at)
    try:
        hj212.answer(packet)
    except Problem:
        seen["unanswerable"] += 1


def _pieces(data: bytes, chance: random.Random) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        size = chance.choice((1, 7, 100, 1460, 16_384))
        yield data[at : at + size]
        at += size


def _rss() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> int:
    """Read the arguments, soak and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    call = parser.parse_args()
    found = soak(call.frames, seed=call.seed)
    print(json.dumps(found, ensure_ascii=False))
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
