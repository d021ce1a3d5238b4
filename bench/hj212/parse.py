"""How many packets a second one core reads: framing, checksum, the whole data area.

    python bench/hj212/parse.py [CAPTURE]

Without a capture it reads the shared bulk log (QINGYUAN_SHARED or ``../shared`` beside the
repository), or packets made here when there is none. Prints one JSON object, machine named. The
ratio is against the checksum written as the loop of the standard, in the same run.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from qingyuan import hj212
from qingyuan.hj212.crc import crc16

ROUNDS = 5
ROOT = Path(__file__).resolve().parents[2]
GOAL = 60_000  # packets a second and core, at 200 bytes a packet (docs: hj212, goals)


def capture() -> tuple[str, bytes]:
    """Return the name and the bytes to read."""
    shared = Path(os.environ.get("QINGYUAN_SHARED", ROOT.parent / "shared"))
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else shared / "data/hj212/bulk_packets.txt.gz"
    if not path.exists():
        return "made here", b"".join(made(number) for number in range(2000))
    data = path.read_bytes()
    return path.name, gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def made(number: int) -> bytes:
    """Return a packet of five factors, about 230 bytes."""
    at = datetime(2026, 9, 21, tzinfo=UTC) + timedelta(seconds=number)
    codes = ("w01018", "w21003", "w21011", "w21001", "w01001")
    values = {code: {"Rtd": f"{number % 97}.{number % 7}", "Flag": "N"} for code in codes}
    return hj212.upload(
        cn="2011", mn="A370299000000000000S0101", st="21", pw="123456", qn=at, data_time=at,
        values=values,
    )  # fmt: skip


def loop_crc16(segment: bytes) -> int:
    """Return the checksum as the standard's own loop computes it."""
    register = 0xFFFF
    for byte in segment:
        register = (register >> 8) ^ byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


def best(rounds: int, work) -> float:
    """Return the shortest time of *rounds* runs of *work*."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def read_all(data: bytes) -> list[hj212.Packet]:
    """Read a capture in the pieces a socket gives."""
    framer = hj212.Framer()
    packets = []
    for start in range(0, len(data), 16_384):
        packets += [hj212.parse(event) for event in framer.feed(data[start : start + 16_384])]
    return packets


def main() -> None:
    """Measure and print."""
    name, data = capture()
    packets = read_all(data)
    segments = [packet.raw[6:-6] for packet in packets]
    reading = best(ROUNDS, lambda: read_all(data))
    fast = best(ROUNDS, lambda: [crc16(segment) for segment in segments])
    slow = (
        best(1, lambda: [loop_crc16(segment) for segment in segments[:200]]) * len(segments) / 200
    )
    print(
        json.dumps(
            {
                "capture": name,
                "packets": len(packets),
                "mean_bytes": round(len(data) / len(packets)),
                "values": sum(len(v) for p in packets for _, v in p.readings),
                "packets_per_s": round(len(packets) / reading),
                "goal_packets_per_s": GOAL,
                "crc_us": round(fast / len(segments) * 1e6, 2),
                "crc_times_faster_than_the_loop": round(slow / fast),
                "machine": f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores",
                "python": platform.python_version(),
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
