"""How fast a gateway acknowledges: real sockets, fsync before 9014, Delta commits behind it.

    python bench/hj212/gateway.py [STATIONS] [SECONDS]

Each station sends its next packet when the one before was answered. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from qingyuan import hj212
from qingyuan.gateway.devices import canonical_sha256

SERVE = """
import logging, sys
from datetime import UTC, datetime
from pathlib import Path
from qingyuan.gateway import main
logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
main(Path(sys.argv[1]), ("127.0.0.1", 0), lambda: datetime(2026, 9, 22, tzinfo=UTC))
"""
CODES = ("w01018", "w21003", "w21011", "w21001", "w01001")


def packet(mn: str, number: int) -> bytes:
    """Return the station's packet of that number, five factors."""
    at = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(seconds=30 * number)
    values = {code: {"Rtd": f"{number % 97}.{number % 7}", "Flag": "N"} for code in CODES}
    return hj212.upload(
        cn="2011", mn=mn, st="21", pw="123456", qn=at, data_time=at, values=values
    )  # fmt: skip


async def station(address: tuple[str, int], mn: str, end: float, waits: list[float]) -> int:
    """Talk until *end*; return how many packets were answered."""
    reader, writer = await asyncio.open_connection(*address)
    number = 0
    while time.monotonic() < end:
        raw = packet(mn, number)
        sent = time.monotonic()
        writer.write(raw)
        await reader.readuntil(b"\r\n")
        waits.append(time.monotonic() - sent)
        number += 1
    writer.close()
    return number


async def load(address: tuple[str, int], mns: list[str], seconds: float) -> dict[str, object]:
    """Run all stations at once and measure their waits."""
    waits: list[float] = []
    end = time.monotonic() + seconds
    counts = await asyncio.gather(*(station(address, mn, end, waits) for mn in mns))
    waits.sort()
    return {
        "stations": len(mns),
        "acknowledged": sum(counts),
        "acknowledged_per_s": round(sum(counts) / seconds),
        "wait_ms_median": round(statistics.median(waits) * 1000, 1),
        "wait_ms_p99": round(waits[int(len(waits) * 0.99)] * 1000, 1),
    }


def main() -> None:
    """Start a gateway, load it, stop it, count what was stored."""
    stations = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10.0
    mns = [f"A370299000000000{number:08d}" for number in range(stations)]
    devices = [{"mn": mn, "station": f"section:{mn[-4:]}", "password": "123456"} for mn in mns]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "devices.json").write_text(
            json.dumps({"devices": devices, "sha256": canonical_sha256(devices)}), "utf-8"
        )
        with subprocess.Popen(
            [sys.executable, "-c", SERVE, name], stderr=subprocess.PIPE, text=True
        ) as child:
            assert child.stderr is not None
            line = next(line for line in child.stderr if "gateway_listening" in line)
            port = int(line.rpartition("port=")[2])
            result = asyncio.run(load(("127.0.0.1", port), mns, seconds))
            status = Path(f"/proc/{child.pid}/status")
            if status.exists():
                peak = next(t for t in status.read_text().splitlines() if t.startswith("VmHWM"))
                result["gateway_peak_mb"] = int(peak.split()[1]) // 1024
            began = time.monotonic()
            child.terminate()
            child.stderr.read()
            child.wait()
            result["seconds_to_commit_the_rest"] = round(time.monotonic() - began, 2)
        from qingyuan.store.observations import Observations

        result["rows_stored"] = Observations(folder / "store").since(0).num_rows
        result["rows_expected"] = int(str(result["acknowledged"])) * len(CODES)
    result["machine"] = f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores"
    print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
