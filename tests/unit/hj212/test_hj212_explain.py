"""Explaining: every piece has its place, its meaning, its clause, and what is wrong with it."""

from __future__ import annotations

import pytest

from qingyuan.hj212 import Key, explain_text, frame, name_of_foreign, parse, request, unwrap
from qingyuan.hj212.crc import checksum
from qingyuan.hj212.factors import factor_names
from qingyuan.synth.devices.deviate import DEVIATIONS, MANNERS, deviated

HEAD = "QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
AREA = "DataTime=20160801085857;w01018-Rtd=20.1,w01018-Flag=N;LA-td=50.1"
GOOD = frame(f"{HEAD}CP=&&{AREA}&&".encode())


def wire(segment: str, encoding: str = "utf-8") -> bytes:
    data = segment.encode(encoding)
    return b"##%04d%b%b\r\n" % (len(data), data, checksum(data))


def test_pieces_stand_where_they_say_and_cover_the_text():
    (told,) = explain_text(GOOD)
    for line in told.lines:
        if line.start >= 0 and line.value:
            assert line.value in told.text[line.start : line.end]
    assert "".join(text for text, _ in told.marked) == told.text == GOOD.decode()
    names = [line.name for line in told.lines if line.part != "deviation"]
    assert names == [
        "##", "LENGTH", "QN", "ST", "CN", "PW", "MN", "Flag", "CP", "DataTime", "w01018-Rtd",
        "w01018-Flag", "LA-td", "CRC", "TAIL",
    ]  # fmt: skip


def test_a_piece_is_taught_in_both_languages_with_its_clause():
    (told,) = explain_text(GOOD)
    lines = {line.name: line for line in told.lines}
    assert lines["w01018-Rtd"].zh == "化学需氧量 实时值"
    assert lines["w01018-Flag"].en == "COD data flag: instrument working normally"
    assert lines["CRC"].clause == "HJ 212-2017 6.2 表2、附录A"
    assert "Rtd" in lines["LA-td"].zh, "the likely suffix is suggested"
    (remark,) = lines["LA-td"].remarks
    assert (remark.code, remark.severity) == ("suffix.unknown", "note")
    assert remark.right_zh
    assert remark.right_en


def test_a_wrong_checksum_and_length_say_what_would_be_right():
    (told,) = explain_text(GOOD.replace(b"##0", b"##9").replace(GOOD[-6:-2], b"BEEF"))
    lines = {line.name: line for line in told.lines}
    assert lines["CRC"].en == f"checksum: by Annex A it should be {GOOD[-6:-2].decode()}"
    assert f"{len(GOOD) - 12} 字节" in lines["LENGTH"].zh
    assert [remark.code for remark in lines["LENGTH"].remarks] == ["length.wrong"]
    assert told.packet.verdict == "rejected"


def test_what_is_missing_has_a_line_too():
    (told,) = explain_text(wire(HEAD.removeprefix("QN=20160801085857223;") + "CP=&&&&"))
    (missing,) = [line for line in told.lines if line.name == "QN"]
    assert (missing.start, missing.value) == (-1, "")
    assert missing.remarks[0].code == "qn.missing"


@pytest.mark.parametrize("name", sorted(set(DEVIATIONS) - MANNERS))
def test_every_deviation_is_shown_beside_a_piece_or_at_the_end(name: str):
    for told in explain_text(deviated(GOOD, name)):
        shown = {remark.code for line in told.lines for remark in line.remarks}
        assert shown == set(told.packet.reasons)
        assert "".join(text for text, _ in told.marked) == told.text


def test_several_packets_among_other_words():
    pasted = f"2026-09-22 收到：{GOOD.decode()}GET / HTTP/1.1\r\n\r\n{GOOD.decode().strip()}"
    told = explain_text(pasted)
    assert [one.packet.verdict for one in told] == ["rejected", "valid", "rejected", "valid"]
    assert [one.n for one in told] == [1, 2, 3, 4]
    data = pasted.encode()
    assert all(data[one.at :].startswith(one.packet.raw) for one in told)
    assert "HTTP" in told[2].lines[0].zh
    assert explain_text("") == explain_text(" \r\n") == []
    assert len(explain_text(pasted, most=1)) == 1


def test_a_packet_broken_into_lines_by_a_page_is_put_together():
    text = GOOD.decode().strip()
    broken = "\n".join(text[at : at + 40] for at in range(0, len(text), 40))
    (told,) = explain_text(broken)
    assert told.packet.verdict == "valid"
    assert told.text == text
    assert [one.packet.verdict for one in explain_text(broken.encode())] != ["valid"]


def test_an_encrypted_packet_is_explained_with_its_key():
    key = Key(bytes.fromhex("30303030303030303030303030303030"))
    segment = f"{HEAD.replace('Flag=5', 'Flag=9')}CP=&&{AREA}&&".encode()
    raw = frame(segment, key=key)
    (told,) = explain_text(raw, key=key)
    assert "w01018-Rtd" in {line.name for line in told.lines}
    assert told.text.encode()[6:-6] == segment
    (closed,) = explain_text(raw)
    assert closed.packet.reasons[0] == "cipher.no_key"
    assert "".join(text for text, _ in closed.marked) == closed.text


def test_gbk_log_text_keeps_its_places():
    raw = wire(f"{HEAD}CP=&&i11001-Info=//清洗;管路//&&", "gb18030")
    (told,) = explain_text(raw)
    (line,) = [line for line in told.lines if line.name == "i11001-Info"]
    assert told.text[line.start : line.end] == "i11001-Info=//清洗;管路//"


HEX = GOOD.hex(" ").encode()
DUMP = b"".join(
    b"%08x  %b  |%b|\n" % (at, GOOD[at : at + 16].hex(" ").encode(), GOOD[at : at + 16][:14])
    for at in range(0, len(GOOD), 16)
)
XXD = b"".join(
    b"%08x: %b  %b\n" % (at, GOOD[at : at + 16].hex(" ", 2).encode(), GOOD[at : at + 16][:14])
    for at in range(0, len(GOOD), 16)
)
WIRED = {
    "十六进制，空格": HEX,
    "十六进制，大写连写": GOOD.hex().upper().encode(),
    "带0x与逗号": b", ".join(b"0x%02X" % byte for byte in GOOD),
    "转义": b"".join(b"\\x%02x" % byte for byte in GOOD),
    "日志行": b"2026-09-22 08:00:00.123 [RX] " + HEX + b"\n",
    "日志两行": b"08:00:00 RX " + HEX + b"\r\n08:00:30 RX " + HEX + b"\r\n",
    "hexdump": DUMP,
    "xxd": XXD,
    "UTF-8 BOM": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "原始字节": GOOD,
    "一行多包": GOOD[:-2] + GOOD[:-2],
    "夹空字节": b"\0\0" + GOOD + b"\0",
    "Telnet": b"\xff\xfd\x18\xff\xfd\x20" + GOOD,
    "JSON 日志": b'{"t":"2026-09-22T08:00:00","raw":"' + GOOD[:-2] + b'\\r\\n"}\n',
    "CSV": b'1,"' + GOOD[:-2] + b'",ok\n',
}


@pytest.mark.parametrize("name", WIRED)
def test_a_capture_is_read_however_it_was_kept(name: str):
    told = [one for one in explain_text(WIRED[name]) if one.packet.raw.startswith(b"##")]
    assert len(told) == (2 if name in ("日志两行", "一行多包") else 1)
    assert {one.packet.verdict for one in told} == {"valid"}
    assert told[0].packet.factors["w01018"] == {"Rtd": "20.1", "Flag": "N"}


def test_a_time_that_looks_like_a_head_in_hexadecimal_changes_nothing():
    raw = request(cn="1011", mn="A" * 24, st="32", pw="123456", qn="20231208232330123")
    assert unwrap(raw * 3) == raw * 3


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"GET /index HTTP/1.0\r\n", "HTTP"),
        (b"SSH-2.0-OpenSSH_9\r\n", "SSH"),
        (b"\x16\x03\x01\x02\x00\x01", "TLS"),
        (b"\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x0a", "Modbus-TCP"),
        (b"AT+CSQ\r\n", "AT"),
        (b"DTU0001", "DTU"),
    ],
    ids=["HTTP", "SSH", "TLS", "Modbus", "AT", "DTU"],
)
def test_what_else_knocks_on_the_port_is_named(raw: bytes, word: str):
    assert all(word in said for said in name_of_foreign(raw))


@pytest.mark.parametrize(
    ("code", "st", "zh"),
    [
        ("w01018", "32", "化学需氧量"),
        ("011", "32", "化学需氧量（即 w01018）"),
        ("02", "31", "二氧化硫（即 a21026）"),
        ("e10107", "52", "进水口流量 07 号"),
        ("i33313", "31", "炉膛内上部焚烧温度 3 号"),
        ("SB1", "31", "治理设施 1 号"),
        ("PM25", "22", "PM25（编码表外）"),
    ],
)
def test_a_factor_is_named_by_the_whole_annex(code: str, st: str, zh: str):
    assert factor_names(code, st=st)[0] == zh


def test_results_mean_what_the_dialect_says():
    raw = wire("QN=20260706103512345;ST=91;CN=9011;PW=123456;MN=A110000_0001;Flag=8;CP=&&QnRtn=9&&")
    said = {line.name: line.zh for line in explain_text(raw, dialect="surface-water")[0].lines}
    assert said["QnRtn"] == "请求应答结果：系统繁忙"
    said = {line.name: line.zh for line in explain_text(raw, dialect="2017")[0].lines}
    assert said["QnRtn"] == "请求应答结果：CRC 校验错误"
    assert parse(raw, dialect="2025").dialect == "2025"
