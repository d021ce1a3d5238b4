"""The checksum is not Modbus, and its fast form equals the plain one."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from qingyuan.hj212.crc import checksum, crc16, match, modbus16


def plain(segment: bytes) -> int:
    register = 0xFFFF
    for byte in segment:
        register = (register >> 8) ^ byte
        for _ in range(8):
            register = (register >> 1) ^ 0xA001 if register & 1 else register >> 1
    return register


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 63, 64, 65, 200, 1024, 1099, 9999, 20000])
def test_fast_form_equals_the_loop_of_the_standard(size):
    segment = random.Random(size).randbytes(size)
    assert crc16(segment) == plain(segment)
    assert checksum(segment) == b"%04X" % plain(segment)


def test_annex_a_example_of_the_standard():
    segment = (
        b"QN=20160801085857223;ST=32;CN=1062;PW=100000;"
        b"MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"
    )
    assert checksum(segment) == b"1C80"
    assert f"{modbus16(segment):04X}" == "0759"


def test_look_alikes_are_named():
    segment = b"123456789"
    assert match(segment, 0x2F80) == "standard"
    assert match(segment, 0x4B37) == "modbus"
    assert match(segment, 0x374B) == "modbus-swapped"
    assert match(segment, 0x0000) == "unknown"


@pytest.mark.shared
def test_shared_vectors(shared_data: Path):
    with (shared_data / "hj212" / "crc_test_vectors.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 5
    for row in rows:
        hexadecimal = row["input_hex_if_not_printable"]
        if " x " in hexadecimal:
            byte, _, times = hexadecimal.partition(" x ")
            segment = bytes.fromhex(byte) * int(times)
        else:
            segment = row["input_utf8"].encode() or bytes.fromhex(hexadecimal)
        assert f"{crc16(segment):04X}" == row["hj212_crc"], row
        assert f"{modbus16(segment):04X}" == row["plain_modbus_crc"], row
