"""A field device that talks to the gateway, and what it sends."""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from qingyuan import hj212
from qingyuan.gateway.devices import canonical_sha256
from qingyuan.gateway.server import Gateway

MN = "A370299000000000000S0101"
NOW = datetime(2026, 9, 22, 0, 30, tzinfo=UTC)


def device(mn: str = MN, **policy: object) -> dict[str, object]:
    return {
        "mn": mn,
        "station": f"section:{mn[-3:]}",
        "st": "21",
        "password": "123456",
        "crc": ["standard"],
        "repairs": [],
        "answer": "flag",
        "label": "start",
        "factors": {"w21003": {"unit": "mg/L"}},
        "active": True,
        **policy,
    }


def publish(folder: Path, *devices: dict[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {
            "version": 1,
            "published_at": NOW.isoformat(),
            "sha256": canonical_sha256(list(devices)),
            "devices": list(devices),
        }
    )
    new = folder / "devices.json.new"
    new.write_text(text, "utf-8")
    new.replace(folder / "devices.json")


def packet(number: int = 0, *, mn: str = MN, pw: str = "123456", **values: str) -> bytes:
    at = datetime(2026, 9, 21, 12, tzinfo=UTC) + timedelta(seconds=30 * number)
    return hj212.upload(
        cn="2011",
        mn=mn,
        st="21",
        pw=pw,
        qn=at,
        data_time=at,
        values={"w21003": {"Rtd": values.get("text", f"0.{number:03d}"), "Flag": "N"}},
    )


STATIONS: list[Station] = []


class Station:
    """A field device: sends bytes, reads answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._framer = hj212.Framer()
        self._answers: list[hj212.Packet] = []
        STATIONS.append(self)

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()

    async def answer(self) -> hj212.Packet:
        async with asyncio.timeout(10):
            while not self._answers:
                data = await self.reader.read(4096)
                assert data, "the gateway closed the connection"
                self._answers += [hj212.parse(event) for event in self._framer.feed(data)]
        return self._answers.pop(0)


async def connect(gateway: Gateway) -> Station:
    return Station(*await asyncio.open_connection(*gateway.address))
