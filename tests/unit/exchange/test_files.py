"""Files as bureaus send them, and as nobody should: read, or refused with a sentence."""

from __future__ import annotations

import io
import json
import random
import sqlite3
import struct
import zipfile
import zlib
from datetime import date

import pytest
import xlsxwriter

from qingyuan.core.problems import Problem
from qingyuan.web import exchange
from qingyuan.web.exchange import read
from qingyuan.web.exchange.tables import Column, Sheet

SHEET = Sheet(name="t", title="台账", key=("code",), columns=(
    Column(name="code", zh="编号", en="Code", kind="code", required=True),
    Column(name="name", zh="名称", en="Name", required=True),
    Column(name="flow", zh="流量", en="Flow", kind="number", unit="m³/d"),
    Column(name="on", zh="发现日期", en="Found", kind="day"),
))  # fmt: skip
PLACES = Sheet(name="p", title="点位", key=("code",), shape="point", columns=(
    *SHEET.columns[:2],
    Column(name="lon", zh="经度", kind="lon", required=True), Column(name="lat", zh="纬度", kind="lat", required=True),
))  # fmt: skip
HEAD = ["编号", "名称", "流量（m³/d）", "发现日期"]


def _book(fill, **options):
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, options)
    fill(book, book.add_worksheet("台账"))
    book.close()
    return held.getvalue()


def _zip(**parts):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return held.getvalue()


def _plain(book, sheet):
    sheet.write_row(0, 0, HEAD)
    sheet.write_row(1, 0, ["A1", "甲", 3.5])
    sheet.write_datetime(1, 3, date(2026, 3, 5), book.add_format({"num_format": "yyyy-mm-dd"}))


def test_a_title_a_heading_of_two_lines_a_remark_and_blank_lines():
    def fill(_, sheet):
        sheet.merge_range("A1:D1", "清河市排污口台账（2026 年）")
        sheet.merge_range("A2:A3", "编号")
        sheet.merge_range("B2:B3", "＊名 称")
        sheet.merge_range("C2:D2", "调查情况")
        sheet.write_row("C3", ["流量(m³/d)", "发现日期"])
        sheet.write_row("A5", ["A1", "甲", "１２", "2026年3月5日"])
        sheet.write("F5", "多出来的")
        sheet.merge_range("A7:D7", "填表人：某某")

    found = read.rows(_book(fill), "台账.xlsx", SHEET)
    assert [dict(row.values) for row in found.rows] == [
        {"code": "A1", "name": "甲", "flow": 12, "on": date(2026, 3, 5)}
    ]
    assert found.rows[0].number == 5
    assert found.notes == ((7, "填表人：某某"),)
    assert found.heading == 3


def test_merged_cells_are_filled_down_and_listed_hidden_rows_too():
    def fill(_, sheet):
        sheet.write_row(0, 0, HEAD)
        sheet.write_column("A2", ["A1", "A2", "A3", "A4"])
        sheet.merge_range("B2:B4", "甲")
        sheet.write("B5", "乙")
        sheet.set_row(3, None, None, {"hidden": True})

    found = read.rows(_book(fill), "台账.xlsx", SHEET)
    assert [row["name"] for row in found.rows] == ["甲", "甲", "甲", "乙"]
    (merged,) = found.merged
    assert (merged.cells, merged.column, merged.rows) == ("B2:B4", "name", (3, 4))
    assert found.hidden == (4,)


def test_the_sheet_that_fits_is_read_hidden_ones_are_not_others_are_named():
    def fill(book, sheet):
        sheet.write_row(0, 0, ["说明"])
        secret = book.add_worksheet("藏")
        secret.write_row(0, 0, HEAD)
        secret.hide()
        for name in ("东山区", "西河县"):
            other = book.add_worksheet(name)
            other.write_row(0, 0, HEAD)
            other.write_row(1, 0, [name, "甲"])

    found = read.rows(_book(fill), "台账.xlsx", SHEET)
    assert (found.sheet, found.other_sheets) == ("东山区", ("西河县",))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_text_in_any_usual_encoding(encoding, mark):
    text = f'编号{mark}名称\r\nA1{mark}𠮷\r\n\'=A2{mark}"甲\n乙"\r\n'
    found = read.rows(text.encode(encoding), "a.csv", SHEET)
    assert [tuple(row.values.values()) for row in found.rows] == [("A1", "𠮷"), ("=A2", "甲\n乙")]


def test_a_table_in_a_word_document_with_joined_cells():
    def cell(text, joined=""):
        return f"<w:tc><w:tcPr>{joined}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    begin, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    lines = [
        [cell("台账", '<w:gridSpan w:val="2"/>')], [cell("编号"), cell("名称")],
        [cell("A1"), cell("甲", begin)], [cell("A2"), cell("", on)], [cell("A3"), cell("乙")],
    ]  # fmt: skip
    rows = "".join(f"<w:tr>{''.join(line)}</w:tr>" for line in lines)
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    xml = f"<w:document {space}><w:body><w:tbl>{rows}</w:tbl></w:body></w:document>"
    found = read.rows(_zip(**{"word/document.xml": xml}), "a.docx", SHEET)
    assert [(row["code"], row["name"]) for row in found.rows] == [
        ("A1", "甲"),
        ("A2", "甲"),
        ("A3", "乙"),
    ]
    assert [m.cells for m in found.merged] == ["B3:B4"]
    assert found.notes == ()


def test_every_fault_is_listed_with_line_and_column():
    text = "编号,名称,流量,发现日期\nA1,,约3,昨天\nA1,甲,1,\nA1,乙,2,\n"
    found = read.rows(text.encode(), "a.csv", SHEET)
    assert [(f.row, f.column, f.problem.code) for f in found.faults] == [
        (2, "name", "exchange.empty"), (2, "flow", "exchange.not_number"), (2, "on", "exchange.not_day"),
        (4, "code", "exchange.twice"),
    ]  # fmt: skip
    assert [row.number for row in found.rows] == [3]


def test_our_own_workbook_reads_back_and_no_text_is_a_formula():
    rows = [
        {"code": text, "name": text, "flow": -1}
        for text in ("=1+1", "@x", "+1", "-1", "http://x", "001")
    ]
    book = exchange.workbook(SHEET, rows, exchange.Cover(by="甲", at=_at(), sensitive=True))
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        for member in archive.namelist():
            content = archive.read(member)
            assert b"<f>" not in content, member
            assert b"<hyperlink" not in content, member
    found = read.rows(book, "a.xlsx", SHEET)
    assert [row["code"] for row in found.rows] == [row["code"] for row in rows]
    assert {row["flow"] for row in found.rows} == {-1}


def _at():
    from datetime import UTC, datetime

    return datetime(2026, 9, 22, 1, tzinfo=UTC)


def test_the_template_reads_back_as_a_table_without_rows():
    from qingyuan.web.exchange.blank import blank_workbook

    for language in ("zh", "en"):
        found = read.rows(blank_workbook(PLACES, language=language), "a.xlsx", PLACES)
        assert (found.rows, found.faults, found.total) == ((), (), 0)


BOOK = _book(_plain)


def _changed(content, change):
    """Pack a workbook anew with some members changed, added (None: dropped)."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in dict.fromkeys([*old.namelist(), *change]):
            value = change.get(name, old.read(name) if name in old.namelist() else None)
            if callable(value):
                value = value(old.read(name))
            if value is not None:
                new.writestr(name, value)
    return held.getvalue()


def _lying(content, member, size):
    """Change what the directory says of a member's size."""
    spot = content.rindex(member.encode()) - 46
    assert content[spot : spot + 4] == b"PK\x01\x02"
    return content[: spot + 24] + struct.pack("<I", size) + content[spot + 28 :]


ONE = "xl/worksheets/sheet1.xml"
BOMB = _zip(**{"xl/workbook.xml": b"0" * 60_000_000})


@pytest.mark.parametrize(("content", "name", "code"), [
    pytest.param(b"", "a.xlsx", "exchange.nothing", id="空文件"),
    pytest.param(b"x" * 41_000_000, "a.xlsx", "exchange.too_large", id="过大"),
    pytest.param(b"MZ\x90\0" * 9, "a.xlsx", "exchange.type_refused", id="程序改名"),
    pytest.param(b"<html><table>", "a.xls", "exchange.type_refused", id="网页改名"),
    pytest.param(BOOK[:-200], "a.xlsx", "exchange.unreadable", id="截断"),
    pytest.param(BOMB, "a.xlsx", "exchange.bomb", id="压缩炸弹"),
    pytest.param(_lying(BOOK, ONE, 10), "a.xlsx", "exchange.bomb", id="目录谎报大小"),
    pytest.param(_zip(**{f"m{n}": b"" for n in range(2500)}), "a.xlsx", "exchange.bomb", id="成员太多"),
    pytest.param(_changed(BOOK, {"xl/vbaProject.bin": b"x"}), "a.xlsx", "exchange.macros", id="宏"),
    pytest.param(_changed(BOOK, {"xl/embeddings/oleObject1.bin": b"x"}), "a.xlsx", "exchange.macros", id="嵌入对象"),
    pytest.param(_changed(BOOK, {"xl/a.exe": b"x"}), "a.xlsx", "exchange.nested", id="内藏程序"),
    pytest.param(_changed(BOOK, {"xl/workbook.xml": None, "xl/workbook.bin": b"x"}), "a.xlsb", "exchange.type_refused", id="xlsb"),
    pytest.param(_changed(BOOK, {"xl/workbook.xml": lambda x: x.replace(b"?>", b"?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>", 1)}), "a.xlsx", "exchange.unreadable", id="外部实体"),
    pytest.param(_changed(BOOK, {ONE: lambda x: x.replace(b"?>", b"?><!DOCTYPE a [<!ENTITY b 'c'>]>", 1)}), "a.xlsx", "exchange.unreadable", id="表内实体"),
    pytest.param(_changed(BOOK, {ONE: lambda x: x.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')}), "a.xlsx", "exchange.too_wide", id="最远一格"),
    pytest.param(_changed(BOOK, {ONE: b"<worksheet><broken"}), "a.xlsx", "exchange.unreadable", id="坏 XML"),
    pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "a.xls", "exchange.unreadable", id="坏的 xls"),
    pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT".encode("utf-16-le"), "a.xls", "exchange.macros", id="xls 宏"),
    pytest.param(b"\x81\x00\xff\xff", "a.csv", "exchange.unreadable", id="二进制冒充文本"),
    pytest.param(b"\xff\x81\x30", "a.csv", "exchange.encoding", id="不是文字"),
    pytest.param("编号,名称\n\"A1,甲\n".encode(), "a.csv", "exchange.unreadable", id="引号不闭合"),
    pytest.param("甲,乙\n1,2\n".encode(), "a.csv", "exchange.no_heading", id="没有表头"),
    pytest.param("编号,流量\n1,2\n".encode(), "a.csv", "exchange.columns_lacking", id="缺列"),
    pytest.param("编号,名称,名称\n1,2,3\n".encode(), "a.csv", "exchange.heading_twice", id="表头重复"),
    pytest.param(b'{"type":"FeatureCollection","features":[]}', "a.geojson", "exchange.not_a_layer", id="这张表没有点位"),
])  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_with_a_sentence(content, name, code, raises_problem):
    with raises_problem(code):
        read.rows(content, name, SHEET)


def _layer(geometry):
    feature = {"type": "Feature", "properties": {"code": "A1", "name": "甲"}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def test_points_of_a_layer_fill_the_place():
    found = read.rows(_layer({"type": "Point", "coordinates": [120.5, 36.5]}), "a.geojson", PLACES)
    assert found.rows[0]["code"] == "A1"
    assert found.rows[0]["lon"] == pytest.approx(120.5)


def _view():
    base = sqlite3.connect(":memory:")
    base.execute(
        "CREATE VIEW v AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x FROM c) SELECT * FROM c"
    )
    content = base.serialize()
    base.close()
    return content


@pytest.mark.parametrize(("content", "name", "code"), [
    pytest.param(_layer({"type": "LineString", "coordinates": [[120, 36], [121, 36]]}), "a.geojson", "exchange.wrong_shape", id="不是点"),
    pytest.param(_layer({"type": "Point", "coordinates": ["a", "b"]}), "a.geojson", "river.unreadable_layer", id="坐标不是数"),
    pytest.param(_layer({"type": "Point", "coordinates": [4e5, 4e6]}), "a.geojson", "river.not_degrees", id="米当度"),
    pytest.param(b"[" * 200_000, "a.geojson", "exchange.unreadable", id="嵌套炸弹"),
    pytest.param(b"SQLite format 3\0" + b"\xff" * 500, "a.gpkg", "exchange.unreadable", id="坏库"),
    pytest.param(_view(), "a.gpkg", "exchange.unreadable", id="视图"),
    pytest.param(_zip(**{"a.shp": b"", "b.shp": b""}), "a.zip", "exchange.several_layers", id="两个图层"),
    pytest.param(_zip(**{"../../a.shp": b"x"}), "a.zip", "exchange.unreadable", id="路径外逃且无属性"),
])  # fmt: skip
def test_a_layer_that_cannot_be_used_is_refused(content, name, code, raises_problem):
    with raises_problem(code):
        read.rows(content, name, PLACES)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_are_refused_never_crash(seed):
    """Flip bytes of sound files: a sentence, or rows; nothing else escapes."""
    luck = random.Random(seed)
    sources = [(BOOK, "a.xlsx"), ("编号,名称\nA1,甲\n".encode("gb18030"), "a.csv"),
               (_layer({"type": "Point", "coordinates": [120.5, 36.5]}), "a.geojson")]  # fmt: skip
    for content, name in sources:
        for _ in range(60):
            broken = bytearray(content)
            for _ in range(luck.randint(1, 6)):
                broken[luck.randrange(len(broken))] = luck.randrange(256)
            try:
                found = read.rows(bytes(broken[: luck.randint(1, len(broken) * 2)]), name, PLACES)
            except Problem:
                continue
            assert found.total >= len(found.rows)


def test_a_stored_member_larger_than_it_says_is_caught():
    """The directory says ten bytes; the stream holds a million."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(b"0" * 1_000_000) + packed.flush()
    name = b"xl/workbook.xml"
    crc = zlib.crc32(b"0" * 10)
    local = (
        struct.pack(
            "<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(body), 10, len(name), 0
        )
        + name
        + body
    )
    entry = (
        struct.pack(
            "<4sHHHHHHIIIHHHHHII",
            b"PK\x01\x02",
            20,
            20,
            0,
            8,
            0,
            0,
            crc,
            len(body),
            10,
            len(name),
            0,
            0,
            0,
            0,
            0,
            0,
        )
        + name
    )
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), len(local), 0)
    with pytest.raises(Problem) as refused:
        read.rows(local + entry + end, "a.xlsx", SHEET)
    assert refused.value.code == "exchange.bomb"
