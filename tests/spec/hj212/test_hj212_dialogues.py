"""The example dialogues of the standard, and packets met in the field with their known verdict."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
from pathlib import Path

import pytest

from qingyuan import hj212
from qingyuan.hj212 import Frame, Framer, parse, render

title = "HJ 212-2017 附录C 通讯示例与实采数据包 / example dialogues and captured packets"

pytestmark = pytest.mark.shared


def test_dialogues_of_annex_c_re_encode_byte_for_byte(shared_data: Path):
    checked = 0
    for line in (shared_data / "hj212/dialogues_2017.jsonl").read_text("utf-8").splitlines():
        for step in json.loads(line)["steps"]:
            if step["elided"]:
                continue
            segment = step["data_segment"].encode()
            raw = b"##%04d%b%b\r\n" % (step["length"], segment, step["crc"].encode())
            packet = parse(raw)
            assert packet.verdict == "valid", (line[:40], packet.reasons)
            assert render(packet) == raw
            checked += 1
    assert checked > 80


def test_answers_of_annex_c_are_what_we_answer(shared_data: Path):
    checked = 0
    for line in (shared_data / "hj212/dialogues_2017.jsonl").read_text("utf-8").splitlines():
        steps = json.loads(line)["steps"]
        for asked, answered in itertools.pairwise(steps):
            cn = parse(hj212.frame(answered["data_segment"].encode())).cn
            if cn not in ("9011", "9013", "9014"):
                continue
            packet = parse(hj212.frame(asked["data_segment"].encode()))
            wanted = hj212.frame(answered["data_segment"].encode())
            if parse(wanted).qn == packet.qn:  # C.43 is misprinted
                assert hj212.answer(packet, cn) == wanted
                checked += 1
    assert checked > 30


EXPECTED = {
    "CRC is plain Modbus CRC-16": ("repaired", "crc.modbus", "modbus"),
    "CRC is Modbus CRC-16 with bytes swapped": ("repaired", "crc.modbus_swapped", "modbus-swapped"),
    "CRC does not match any known variant": ("rejected", "crc.unknown", "unknown"),
    "length field has 2 digits": ("repaired", "length.digits", "standard"),
}


@pytest.mark.parametrize("tail", [b"\r\n", b"\n", b""], ids=["CRLF", "LF", "无包尾"])
def test_every_captured_packet_gets_its_verdict(shared_data: Path, tail: bytes):
    with (shared_data / "hj212/sample_packets.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        packet = parse(row["packet_without_crlf"].encode() + tail)
        if row["valid"] == "valid":
            assert packet.verdict == "valid", (row["id"], packet.reasons)
            assert packet.crc == "standard"
        else:
            verdict, code, crc = EXPECTED[row["why"]]
            assert (packet.verdict, packet.crc) == (verdict, crc), (row["id"], packet.reasons)
            assert code in packet.reasons
        assert (packet.st, packet.cn) == (row["st"], row["cn"])
    assert len(rows) == 66


def test_the_capture_file_itself_can_be_read(shared_data: Path):
    """A table of packets, with quotes and commas around them, is only rubbish before a frame."""
    framer = Framer()
    events = framer.feed((shared_data / "hj212/sample_packets.csv").read_bytes()) + framer.close()
    assert sum(isinstance(event, Frame) for event in events) == 66


def test_the_bulk_log_is_valid_throughout(shared_data: Path):
    data = gzip.decompress((shared_data / "hj212/bulk_packets.txt.gz").read_bytes())
    packets = [parse(event) for event in Framer().feed(data)]
    assert len(packets) == 2000
    assert {packet.verdict for packet in packets} == {"valid"}
    reasons = {reason for packet in packets for reason in packet.reasons}
    assert reasons == {"qn.invalid", "value.precision", "cn.vendor"}
