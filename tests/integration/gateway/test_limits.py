"""Strangers, floods, slow peers, TLS: the registered devices are served all the same."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from gateway_station import MN, Station, connect, device, packet, publish
from qingyuan import hj212
from qingyuan.gateway.server import Gateway, Options
from qingyuan.store.journal import segments
from qingyuan.store.observations import Observations
from qingyuan.store.quarantine import Quarantine


def certificate(folder: Path) -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    today = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=3650))
        .not_valid_after(today + timedelta(days=36500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(exist_ok=True)
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


def test_a_device_of_the_tls_port_is_believed_there_alone(tmp_path, open_gateway, run):
    cert, key = certificate(tmp_path / "tls")
    options = Options(tls=(("127.0.0.1", 0), cert, key))

    async def scenario():
        async with open_gateway(options=options) as gateway:
            plain = await connect(gateway)
            await plain.send(packet(1))
            trust = ssl.create_default_context(cafile=str(cert))
            sealed = Station(*await asyncio.open_connection(*gateway.tls_address, ssl=trust))
            await sealed.send(packet(2))
            assert (await sealed.answer()).qn == hj212.parse(packet(2)).qn
            stranger = await connect_to(gateway.tls_address)
            await stranger.send(packet(3))  # no handshake: not for us
            assert await stranger.reader.read(10) in (b"", b"\x15\x03\x03\x00\x02\x02F")

    publish(tmp_path, device(tls=True))
    run(scenario())
    assert [row["text"] for row in Observations(tmp_path / "store").since(0).to_pylist()] == [
        "0.002"
    ]
    (row,) = Quarantine(tmp_path / "store").recent()
    assert row["reason"] == "gateway.tls_required"


async def connect_to(address: tuple[str, int]) -> Station:
    return Station(*await asyncio.open_connection(*address))


def test_a_certificate_that_is_not_there_is_named(tmp_path, run, raises_problem):
    async def scenario():
        missing = tmp_path / "none.pem"
        gateway = Gateway(
            tmp_path,
            clock=lambda: datetime(2026, 9, 22, tzinfo=UTC),
            options=Options(tls=(("127.0.0.1", 0), missing, missing)),
        )
        with raises_problem("gateway.no_certificate"):
            await gateway.start(("127.0.0.1", 0))

    run(scenario())


def test_a_flood_is_counted_and_kept_in_part(tmp_path, open_gateway, run):
    flood = b"".join(packet(number, mn="F" * 24) for number in range(1000))

    async def scenario():
        async with open_gateway() as gateway:
            scanner = await connect(gateway)
            await scanner.send(flood)
            station = await connect(gateway)
            await station.send(packet(1))
            assert (await station.answer()).cn == "9014"
            while gateway.hall.totals["quarantined"] < 1000:
                await asyncio.sleep(0.02)

    publish(tmp_path, device())
    run(scenario())
    rows = Quarantine(tmp_path / "store").recent(2000)
    assert len([row for row in rows if row["raw"]]) == 400
    counts = Quarantine(tmp_path / "store").counts()
    assert sum(one.count for one in counts) == 1000
    assert 600 in [one.count for one in counts if one.mn == ""]


def test_when_all_places_are_taken_strangers_make_room_for_devices(tmp_path, open_gateway, run):
    async def scenario():
        async with open_gateway(options=Options(most_links=50)) as gateway:
            known = await connect(gateway)
            await known.send(packet(1))
            await known.answer()
            strangers = [await connect(gateway) for _ in range(80)]
            late = await connect(gateway)
            await late.send(packet(2))
            assert (await late.answer()).cn == "9014"
            await known.send(packet(3))
            assert (await known.answer()).cn == "9014"
            assert len(gateway.sessions) <= 51
            assert await strangers[0].reader.read(1) == b""

    publish(tmp_path, device())
    run(scenario())


def test_a_foreigner_is_closed_when_it_has_talked_too_much(tmp_path, open_gateway, run):
    poll = b"\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x0a"  # Modbus-TCP

    async def scenario():
        async with open_gateway() as gateway:
            foreign = await connect(gateway)
            foreign.writer.write(poll * 200_000)
            with contextlib.suppress(ConnectionError):  # a reset, or the end
                while await foreign.reader.read(100):
                    pass
            assert gateway.hall.totals["foreigners_closed"] == 1

    publish(tmp_path, device())
    run(scenario())


def test_three_hundred_idle_and_slow_ones_disturb_nobody(tmp_path, open_gateway, run):
    async def scenario():
        async with open_gateway() as gateway:
            idle = [await connect(gateway) for _ in range(250)]
            slow = [await connect(gateway) for _ in range(50)]
            station = await connect(gateway)
            for number, byte in enumerate(packet(5)[:30]):
                for one in slow:
                    one.writer.write(bytes([byte]))
                await station.send(packet(number))
                async with asyncio.timeout(2):
                    assert (await station.answer()).cn == "9014"
            assert len(gateway.sessions) == 301
            assert idle[100].writer.is_closing() is False

    publish(tmp_path, device())
    run(scenario())


def test_a_device_that_pours_is_slowed_and_loses_nothing(tmp_path, open_gateway, run):
    async def scenario():
        async with open_gateway() as gateway:
            pouring = await connect(gateway)
            sending = asyncio.create_task(
                pouring.send(b"".join(packet(number) for number in range(400)))
            )
            answered = set()
            while len(answered) < 400:
                answered.add((await pouring.answer()).qn)
            await sending
            assert gateway.hall.totals["slowed"] > 0

    publish(tmp_path, device(max_per_s=18, backfill="off"))
    run(scenario())
    assert Observations(tmp_path / "store").since(0).num_rows == 400


def test_a_heartbeat_that_stops_ends_the_connection(tmp_path, open_gateway, run, monkeypatch):
    async def scenario():
        async with open_gateway() as gateway:
            station = await connect(gateway)
            await station.send(packet(1))
            await station.answer()
            (link,) = gateway.hall.links.values()
            link.heard -= 100
            assert await station.reader.read(1) == b""
            assert gateway.hall.totals["silent_closed"] == 1

    publish(tmp_path, device(heartbeat_s=10))
    run(scenario())


def test_old_segments_go_once_they_are_committed_and_the_state_tells_the_disk(
    tmp_path, open_gateway, run
):
    journal = tmp_path / "journal"

    async def scenario(**options):
        async with open_gateway(**options) as gateway:
            station = await connect(gateway)
            await station.send(packet(len(segments(journal))))
            await station.answer()
            while gateway.committer.position != gateway.journal.synced:
                await asyncio.sleep(0.02)
            gateway.committer._forget_old()

    publish(tmp_path, device(backfill="off"))
    run(scenario())
    run(scenario())
    assert segments(journal) == [1, 2]
    run(scenario(options=Options(keep_days=0)))
    assert segments(journal) == [3]  # the newest stays: numbers never fall back
    run(scenario(options=Options(keep_days=0)))
    assert segments(journal) == [4]
    state = json.loads((tmp_path / "store/connections.json").read_text())
    assert state["journal"]["segments"] == 1
    assert state["disk"]["free_mb"] > 0
    assert Observations(tmp_path / "store").since(0).num_rows == 3


def test_numbers_of_segments_go_on_when_the_journal_is_gone(tmp_path, open_gateway, run):
    async def scenario(number: int):
        async with open_gateway() as gateway:
            station = await connect(gateway)
            await station.send(packet(number))
            await station.answer()

    publish(tmp_path, device(backfill="off"))
    run(scenario(1))
    for path in (tmp_path / "journal").glob("*"):
        path.unlink()
    run(scenario(2))
    assert Observations(tmp_path / "store").since(0).num_rows == 2


@pytest.mark.parametrize("held", [0, 7, 8_000])
def test_however_few_packets_are_held_in_memory_all_are_stored_once(
    tmp_path, open_gateway, run, monkeypatch, held
):
    monkeypatch.setattr("qingyuan.gateway.server._HELD", held)

    async def scenario():
        async with open_gateway() as gateway:
            stations = [await connect(gateway) for _ in range(3)]
            for start in range(0, 120, 10):
                for number, station in enumerate(stations):
                    numbers = range(start + number * 1000, start + number * 1000 + 10)
                    await station.send(b"".join(packet(one) for one in numbers))
            for station in stations:
                for _ in range(120):
                    assert (await station.answer()).cn == "9014"
            assert set(gateway._last_seen) == {MN}

    publish(tmp_path, device(backfill="off", max_per_s=1000))
    run(scenario())
    rows = Observations(tmp_path / "store").since(0).to_pylist()
    assert len(rows) == 360
    assert len({row["time"] for row in rows}) == 360
