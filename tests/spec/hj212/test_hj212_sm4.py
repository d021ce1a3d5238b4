"""SM4 over the data area: the vectors, any bytes inside a frame, the braces form, wrong keys."""

from __future__ import annotations

import json
import logging
import pickle
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from qingyuan.hj212 import Frame, Framer, Key, Sessions, Terms, frame, parse, render, should_encrypt
from qingyuan.hj212.crc import checksum
from qingyuan.hj212.sm4 import seal

title = "HJ 212-2025 附录A.2 数据区加密（二手）/ encryption of the data area (second-hand)"

KEY = Key(b"0" * 16)
HEAD = b"QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;"
AREA = b"DataTime=20240520210600;a34013-Rtd=12.34,a34013-Flag=N"
PLAIN = HEAD + b"CP=&&" + AREA + b"&&"
SEALED = frame(PLAIN, key=KEY)


def braces(area: bytes, key: Key) -> bytes:
    sealed = key.encrypt(area)
    whole = len(area) - len(area) % 16
    text = ",".join(f"0x{byte:02X}" for byte in sealed[:whole])
    return b"{" + text.encode() + b"}" + area[whole:]


@pytest.mark.shared
def test_vectors(shared_data: Path):
    vectors = json.loads((shared_data / "hj212/sm4_test_vectors.json").read_text("utf-8"))
    block = vectors["sm4_block"]
    key = Key(bytes.fromhex(block["key_hex"]))
    assert key.encrypt(bytes.fromhex(block["plain_hex"])).hex() == block["cipher_hex"]
    first = vectors["first_block_of_annex_A2_example"]
    key = Key(bytes.fromhex(first["key_hex"]))
    assert key.encrypt(first["plain_ascii"].encode()).hex() == first["cipher_hex"]
    area = vectors["data_area"]
    key = Key(bytes.fromhex(area["key_hex"]))
    raw = frame(area["plain_data_segment"].encode(), key=key)
    assert raw[2:6].decode() == area["length_field"]
    assert raw[-6:-2].decode() == area["crc_over_plaintext"]
    cipher = raw[6 + area["plain_data_segment"].index("CP=&&") + 5 : -8]
    assert cipher.hex() == area["cipher_data_area_hex"]
    assert cipher.endswith(area["tail_left_in_clear"].encode())


def test_what_is_sealed_is_read_with_its_key():
    (event,) = Framer().feed(SEALED)
    packet = parse(event, key=KEY)
    assert (packet.verdict, packet.crc, packet.reasons) == ("valid", "standard", ())
    assert packet.factors == {"a34013": {"Rtd": "12.34", "Flag": "N"}}
    assert packet.raw == SEALED
    assert packet == parse(frame(PLAIN))
    assert render(packet, key=KEY) == SEALED


def test_a_plain_packet_is_read_with_a_key_at_hand():
    packet = parse(frame(PLAIN), key=KEY)
    assert (packet.verdict, packet.reasons) == ("valid", ())
    assert packet.factors["a34013"] == {"Rtd": "12.34", "Flag": "N"}


@pytest.mark.parametrize(
    ("key", "code"), [(None, "cipher.no_key"), (Key(b"1" * 16), "cipher.wrong_key")]
)
def test_without_the_right_key_the_header_is_read_and_nothing_else(key: Key | None, code: str):
    packet = parse(SEALED, key=key)
    assert (packet.verdict, packet.reasons, packet.crc) == ("rejected", (code,), "unknown")
    assert (packet.mn, packet.cn, packet.area) == ("010000A8900016F000169DC0", "2011", "")
    assert packet.raw == SEALED


@pytest.mark.parametrize("count", ["plain", "text"])
def test_the_printed_form_in_braces_is_read(count: str):
    area = braces(AREA, KEY)
    segment = HEAD + b"CP=&&" + area + b"&&"
    size = len(PLAIN) if count == "plain" else len(segment)
    raw = b"##%04d%b%b\r\n" % (size, segment, checksum(PLAIN))
    (event,) = Framer().feed(raw)
    packet = parse(event, key=KEY)
    assert (packet.verdict, packet.reasons) == ("valid", ("cipher.braces",))
    assert packet == parse(frame(PLAIN))
    assert parse(event).verdict == "rejected"


def test_a_body_of_any_bytes_is_delimited_by_its_length():
    """Keys are drawn until the cipher holds what usually delimits a frame."""
    rng = random.Random(3)
    for mark in (b"##", b"&&", b"\r\n", b"\n"):
        while True:
            key = Key(rng.randbytes(16))
            long = HEAD + b"CP=&&" + AREA + b";a21026-Rtd=" + b"1" * 800 + b"&&"
            if mark in seal(long, key)[len(HEAD) + 5 : -2]:
                break
        raw = frame(long, key=key)
        framer = Framer()
        events = [event for byte in raw + raw for event in framer.feed(bytes([byte]))]
        assert [event.raw for event in events if isinstance(event, Frame)] == [raw, raw], mark
        assert all(parse(event, key=key).verdict == "valid" for event in events)


def test_a_damaged_cipher_is_rejected_and_the_next_frame_is_read():
    damaged = bytearray(SEALED)
    damaged[95] ^= 0x55
    events = Framer().feed(bytes(damaged) + SEALED)
    assert [parse(event, key=KEY).verdict for event in events] == ["rejected", "valid"]


def test_an_area_shorter_than_a_block_stays_in_clear():
    assert seal(HEAD + b"CP=&&PolId=w01018&&", KEY) == HEAD + b"CP=&&PolId=w01018&&"


def test_a_key_shows_itself_nowhere(caplog: pytest.LogCaptureFixture):
    key = Key(b"msbE74gsiSHSEh5e")
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").info("key %s %r", key, [key])
        parse(SEALED, key=key)
    assert "msbE74" not in caplog.text + repr(key) + str(parse(SEALED, key=key))
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(ValueError, match="sixteen"):
        Key(b"short")


@pytest.mark.parametrize(
    ("cn", "from_site", "expected"),
    [
        ("2011", True, True),
        ("2061", True, True),
        ("2061", False, False),
        ("2013", False, False),
        ("3020", True, True),
        ("3020", False, True),
        ("1014", False, True),
        ("1062", False, False),
        ("9014", True, False),
    ],
)
def test_which_commands_are_encrypted(cn: str, from_site: bool, expected: bool):
    assert should_encrypt(cn, from_site=from_site) is expected


@pytest.mark.parametrize(("cn", "sealed"), [("3020", True), ("1062", False)])
def test_a_request_is_encrypted_only_where_it_should_be(cn: str, sealed: bool):
    asked = parse(frame(HEAD.replace(b"2011", cn.encode()) + b"CP=&&PolId=w01018;InfoId=i12001&&"))
    (sent,) = Sessions(Terms(key=KEY)).ask(asked, at=datetime(2026, 3, 1, tzinfo=UTC))
    assert (sent.raw != asked.raw) is sealed
    assert parse(sent.raw, key=KEY) == asked
