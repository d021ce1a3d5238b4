"""``qingyuan hj212 explain`` on captures as people have them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from qingyuan.cli import main
from qingyuan.hj212 import Key, frame

SEGMENT = (
    b"QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;"
    b"CP=&&DataTime=20160801085857;w01018-Rtd=20.1,w01018-Flag=N;LA-td=50.1&&"
)
GOOD = frame(SEGMENT)
KEYS = ["n", "verdict", "reasons", "crc", "dialect", "qn", "st", "cn", "mn", "flag", "fields",
        "factors"]  # fmt: skip


def told(capsys, *call: str) -> list[dict[str, object]]:
    main(["hj212", "explain", *call, "--json"])
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_has_exactly_the_fields_that_are_promised(tmp_path: Path, capsys):
    path = tmp_path / "capture"
    split = SEGMENT.replace(b"Flag=9", b"Flag=11;PNUM=2;PNO=1")
    path.write_bytes(GOOD + frame(split) + b"##0099QN=2016")
    lines = told(capsys, str(path))
    assert list(lines[0]) == list(lines[2]) == KEYS
    assert list(lines[1]) == [*KEYS, "pnum", "pno"]


@pytest.mark.parametrize(
    "kept",
    [
        GOOD * 3,
        b"\xef\xbb\xbf" + GOOD[:-2] * 3,
        GOOD.hex(" ").encode() + b"\n" + GOOD.hex().encode() + b"\n" + GOOD.hex().upper().encode(),
        b"\n".join(b"[12:00:01] recv " + GOOD.hex(" ").encode() for _ in range(3)),
        gzip.compress(GOOD * 3),
        (GOOD.decode() * 3).encode("utf-16"),
        b"\0".join([b"\xff\xfb\x01", GOOD, b"GET / HTTP/1.1\r\n\r\n", GOOD, b"\x00" * 99, GOOD]),
    ],
    ids=["相连", "BOM无换行", "十六进制行", "日志", "gz", "UTF-16", "夹杂"],
)
def test_three_packets_are_three_packets_however_kept(kept: bytes, tmp_path: Path, capsys):
    path = tmp_path / "capture"
    path.write_bytes(kept)
    assert [line["verdict"] for line in told(capsys, str(path))] == ["valid"] * 3


def test_an_encrypted_capture_opens_with_its_key(tmp_path: Path, capsys):
    path = tmp_path / "capture"
    path.write_bytes(frame(SEGMENT, key=Key(b"0" * 16)))
    assert told(capsys, str(path))[0]["reasons"] == ["cipher.no_key"]
    (line,) = told(capsys, str(path), "--key", "30" * 16, "--dialect", "2025")
    assert (line["verdict"], line["dialect"]) == ("valid", "2025")
    assert line["factors"]["w01018"] == {"Rtd": "20.1", "Flag": "N"}


def test_one_language_or_both(tmp_path: Path, capsys):
    path = tmp_path / "capture"
    path.write_bytes(b"GET / HTTP/1.1\r\n\r\n" + GOOD)
    main(["hj212", "explain", str(path), "--lang", "en"])
    english = capsys.readouterr().out
    assert "COD real-time value" in english
    assert "an HTTP request" in english
    assert "化学需氧量" not in english
    main(["hj212", "explain", str(path), "--lang", "zh"])
    chinese = capsys.readouterr().out
    assert "化学需氧量 实时值 〔HJ 212-2017 表6〕" in chinese
    assert "! suffix.unknown “LA-td”" in chinese
    assert "COD" not in chinese


def test_an_archive_that_breaks_off_is_explained_so_far(tmp_path: Path, capsys):
    path = tmp_path / "capture.gz"
    many = b"".join(frame(SEGMENT.replace(b"20.1", b"%d.1" % n)) for n in range(3000))
    path.write_bytes(gzip.compress(many)[:-2000])
    assert main(["hj212", "explain", str(path), "--summary", "--json"]) == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out)["packets"] > 100
    assert "hj212.broken_archive" in shown.err


@pytest.mark.parametrize(
    "kept",
    [b"", b"\0" * 5000, bytes(range(256)) * 40, b"\r\n\r\n"],
    ids=["空", "空字节", "任意字节", "空行"],
)
def test_nothing_to_explain_ends_with_one(kept: bytes, tmp_path: Path, capsys):
    path = tmp_path / "capture"
    path.write_bytes(kept)
    assert main(["hj212", "explain", str(path), "--json"]) == 1
    assert main(["hj212", "explain", str(path)]) == 1
    assert main(["hj212", "explain", str(path), "--summary"]) == 1
    assert "packets 0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "code"),
    [(["--key", "zz"], "hj212.bad_key"), (["--dialect", "1999"], "hj212.unknown_dialect")],
)
def test_a_wrong_option_is_told_apart(options: list[str], code: str, tmp_path: Path, capsys):
    path = tmp_path / "capture"
    path.write_bytes(GOOD)
    assert main(["hj212", "explain", str(path), *options]) != 0
    assert code in capsys.readouterr().err
