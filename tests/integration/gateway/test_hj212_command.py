"""``qingyuan hj212``: the answers of ``explain``, and ``replay`` against a real gateway."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gateway_station import MN, device, packet, publish
from qingyuan import hj212
from qingyuan.cli import main

KEYS = ["n", "verdict", "reasons", "crc", "dialect", "qn", "st", "cn", "mn", "flag"]


def test_json_has_one_line_per_packet_and_missing_is_null(tmp_path: Path, capsys):
    timeless = hj212.frame(b"ST=32;CN=2011;PW=123456;MN=12345678901002;CP=&&011-Rtd=1,011-Flag=N&&")
    capture = tmp_path / "capture.txt"
    capture.write_bytes(b"rubbish\r\n" + packet(1) + timeless + packet(2)[:-6] + b"BEEF\r\n##0099x")
    assert main(["hj212", "explain", str(capture), "--json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["n"] for line in lines] == [1, 2, 3, 4]
    assert [line["verdict"] for line in lines] == ["valid", "valid", "rejected", "rejected"]
    assert list(lines[0])[: len(KEYS)] == KEYS
    assert lines[0]["factors"] == {"w21003": {"Rtd": "0.001", "Flag": "N"}}
    assert lines[0]["fields"] == {"DataTime": "20260921200030"}
    assert (lines[1]["qn"], lines[1]["flag"], lines[1]["dialect"]) == (None, None, "2005")
    assert lines[2]["reasons"] == ["crc.unknown"]
    assert (lines[3]["reasons"], lines[3]["crc"]) == (["frame.partial"], "none")


def test_repeated_fields_and_factors_are_lists():
    sent = "PolId=101,CTime=04,CTime=10;e01001-Rtd=1.1;e01001-Rtd=2.2"
    raw = hj212.request(cn="3014", mn=MN, st="22", pw="123456", qn="20170516010101001", area=sent)
    said = hj212.as_json(hj212.parse(raw), n=1)
    assert said["fields"] == {"PolId": "101", "CTime": ["04", "10"]}
    assert said["factors"] == {"e01001": [{"Rtd": "1.1"}, {"Rtd": "2.2"}]}


def test_the_explanation_names_every_field_and_departure(tmp_path: Path, capsys):
    capture = tmp_path / "capture.bin.gz"
    capture.write_bytes(gzip.compress(packet(1).replace(b"\r\n", b"\n")))
    assert main(["hj212", "explain", str(capture)]) == 0
    shown = capsys.readouterr().out
    for words in (
        "请求编码 / request number",
        "地表水质量监测",
        "氨氮 实时值",
        "采集时刻",
        "! tail.lf",
    ):
        assert words in shown
    assert main(["hj212", "explain", str(capture), "--summary", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["packets"], summary["verdict"]) == (1, {"valid": 1})
    assert summary["reason"] == {"tail.lf": 1}


def test_standard_input_and_missing_files(tmp_path: Path, capsys):
    done = subprocess.run(
        [sys.executable, "-m", "qingyuan.cli", "hj212", "explain", "-", "--json"],
        input=packet(3),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["verdict"] == "valid"
    assert main(["hj212", "explain", str(tmp_path / "none")]) == 2
    assert "cli.no_such_file" in capsys.readouterr().err
    empty = tmp_path / "empty"
    empty.touch()
    assert main(["hj212", "explain", str(empty)]) == 1


@pytest.mark.shared
def test_explain_gives_every_captured_packet_its_verdict(shared_data: Path, tmp_path: Path, capsys):
    with (shared_data / "hj212/sample_packets.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    capture = tmp_path / "samples.txt"
    capture.write_text("".join(row["packet_without_crlf"] + "\n" for row in rows), "utf-8")
    assert main(["hj212", "explain", str(capture), "--json"]) == 1
    said = [json.loads(line) for line in io.StringIO(capsys.readouterr().out)]
    assert len(said) == len(rows)
    for row, packet_said in zip(rows, said, strict=True):
        assert (packet_said["verdict"] == "valid") == (row["valid"] == "valid"), row["id"]


def replaying(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "qingyuan.cli", "hj212", "replay", *arguments, "--json"]


def test_replay_heeds_answers_and_counts(tmp_path: Path, open_gateway, run):
    capture = tmp_path / "capture.txt"
    unasked = hj212.answer(hj212.parse(packet(0)))
    capture.write_bytes(b"".join(packet(n) for n in range(30)).replace(b"\r\n", b"\n") + unasked)

    async def scenario():
        async with open_gateway() as gateway:
            to = "{}:{}".format(*gateway.address)
            child = await asyncio.create_subprocess_exec(
                *replaying(str(capture), "--to", to), stdout=asyncio.subprocess.PIPE
            )
            out, _ = await child.communicate()
            counts = json.loads(out)
            assert child.returncode == 0
            assert (counts["sent"], counts["acknowledged"], counts["unanswered"]) == (31, 30, 0)
            publish(tmp_path)
            while gateway._devices.devices:
                await asyncio.sleep(0.05)
            child = await asyncio.create_subprocess_exec(
                *replaying(str(capture), "--to", to, "--timeout", "0.1", "--retries", "1"),
                stdout=asyncio.subprocess.PIPE,
            )
            out, _ = await child.communicate()
            counts = json.loads(out)
            assert child.returncode == 1
            assert (counts["sent"], counts["acknowledged"], counts["unanswered"]) == (31, 0, 30)

    publish(tmp_path, device())
    run(scenario())


def test_replay_connects_again_and_sends_again(tmp_path: Path, capsys):
    capture = tmp_path / "capture.txt"
    capture.write_bytes(b"".join(packet(n) for n in range(3)))
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        for times in (1, 3):  # the first connection is cut before it is answered
            link, _ = listener.accept()
            with link:
                framer = hj212.Framer()
                frames: list[hj212.Frame] = []
                while len(frames) < times:
                    for event in framer.feed(link.recv(4096)):
                        frames.append(event)
                        heard.append(event.raw)
                        if times == 3:
                            link.sendall(hj212.answer(hj212.parse(event)))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        to = "{}:{}".format(*listener.getsockname())
        assert main(["hj212", "replay", str(capture), "--to", to, "--window", "1", "--json"]) == 0
        server.join()
    counts = json.loads(capsys.readouterr().out)
    assert (counts["acknowledged"], counts["reconnected"]) == (3, 1)
    assert heard == [packet(0), packet(0), packet(1), packet(2)]


def test_nobody_listening_is_said_plainly(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setattr("qingyuan.cli.hj212.time.sleep", lambda _: None)
    capture = tmp_path / "capture.txt"
    capture.write_bytes(packet(1))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        to = "{}:{}".format(*listener.getsockname())
    assert main(["hj212", "replay", str(capture), "--to", to]) == 2
    assert "cli.no_connection" in capsys.readouterr().err
