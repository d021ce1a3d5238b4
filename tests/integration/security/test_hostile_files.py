"""What a hostile hand may put into an upload: refused by its code, and nothing of it stays on disk."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from django.db import transaction
from PIL import Image

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.services import put_person, put_unit
from qingyuan.web.audit.models import Entry
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.files import services
from qingyuan.web.files.models import Attachment
from qingyuan.web.files.responses import serve
from small_city import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(kept_files: Path) -> User:
    unit = put_unit(
        code="sj", parent=None, name_zh="市局", name_en="", kind="bureau", district_code=""
    )
    return put_person(
        username="east1",
        name="东山经办",
        unit=unit,
        role_names=["district_officer"],
        at=AT,
        by=SYSTEM,
    )


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (64, 48), exif: Image.Exif | None = None
) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", size, "green").save(held, kind, **({"exif": exif} if exif else {}))
    return held.getvalue()


def office(inside: str = "word/document.xml", more: dict[str, bytes] | None = None) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>" + os.urandom(4000).hex())
        book.writestr(inside, "<document/>")
        for name, content in (more or {}).items():
            book.writestr(name, content)
    return held.getvalue()


def png_of(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it is huge (像素炸弹)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


def gps(lat: tuple, lon: tuple, model: str = "XPhone") -> Image.Exif:
    exif = Image.Exif()
    exif[0x0110] = model
    exif[0x0132] = "2026:09:22 09:30:00"
    exif.get_ifd(0x8825).update({1: "N", 2: lat, 3: "E", 4: lon})
    return exif


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<html><script>alert(1)</script></html>"
REFUSED = [
    ("空文件", "a.jpg", b"", "files.empty"),
    ("21 MB", "a.jpg", b"\xff\xd8" + b"\0" * 21_000_000, "files.too_large"),
    ("SVG", "a.svg", SVG, "files.type_refused"),
    ("SVG 冒充 PNG", "a.png", SVG, "files.not_a_picture"),
    ("HTML", "a.html", HTML, "files.type_refused"),
    ("HTML 冒充 JPG", "a.jpg", HTML, "files.not_a_picture"),
    ("GIF 冒充 JPG", "a.jpg", picture("GIF"), "files.not_a_picture"),
    ("EPS 冒充 JPG", "a.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "files.not_a_picture"),
    ("PDF 头的 HTML", "a.html", b"%PDF-1.7\n" + HTML, "files.type_refused"),
    ("没有扩展名的 PDF", "a", b"%PDF-1.7\n", "files.type_refused"),
    ("PDF 冒充 JPG", "a.jpg", b"%PDF-1.7\n", "files.not_a_picture"),
    ("HTML 头的 DOCX", "a.docx", HTML + office(), "files.type_refused"),
    ("带宏的 DOCX", "a.docx", office(more={"word/vbaProject.bin": b"x"}), "files.type_refused"),
    ("DOCX 里还有压缩包", "a.docx", office(more={"word/x.ZIP": office()}), "files.type_refused"),
    ("DOCX 里有程序", "a.docx", office(more={"word/x.exe": b"MZ"}), "files.type_refused"),
    ("压缩炸弹", "a.docx", office(more={"word/bomb.xml": b"\0" * 150_000_000}), "files.type_refused"),
    ("成员过多", "a.docx", office(more={f"word/{n}.xml": b"" for n in range(5000)}), "files.type_refused"),
    ("坏的压缩包", "a.xlsx", office("xl/workbook.xml")[:-30] + b"PK\x05\x06" + b"\xff" * 18, "files.type_refused"),
    ("XLSX 冒充 DOCX", "a.docx", office("xl/workbook.xml"), "files.type_refused"),
    ("程序", "a.exe", b"MZ", "files.type_refused"),
    ("像素炸弹", "a.png", png_of(60_000, 60_000), "files.too_many_pixels"),
    ("稍大的像素炸弹", "a.png", png_of(9_000, 9_000), "files.too_many_pixels"),
    ("截断的 JPEG", "a.jpg", picture(size=(640, 480))[:900], "files.not_a_picture"),
    ("坏的 PNG", "a.png", png_of(64, 48), "files.not_a_picture"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "code"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_it_is_refused_by_its_code_and_nothing_stays(
    by, kept_files, raises_problem, name, content, code
):
    with raises_problem(code):
        services.keep(content=content, name=name, by=by, at=AT)
    assert on_disk(kept_files) == []
    assert not Attachment.objects.exists()
    assert not Entry.objects.filter(deed="files.keep").exists()


@pytest.mark.parametrize(("given", "kept"), [
    ("../../../etc/passwd.jpg", "passwd.jpg"), ("..\\..\\boot.jpg", "boot.jpg"), ("/etc/x.jpg", "x.jpg"),
    ("照\u202egpj.exe.jpg", "照gpj.exe.jpg"), ("a\u200b\ufeff\u2066b\x00\n.jpg", "ab.jpg"), ("𠮷·望澜桥.jpg", "𠮷·望澜桥.jpg"),
    ("名" * 400 + ".jpg", "名" * 156 + ".jpg"),
])  # fmt: skip
def test_names_lose_their_folders_and_tricks(by, kept_files, given, kept):
    made = services.keep(content=picture(), name=given, by=by, at=AT)
    assert made.name == kept
    assert all(kept_files in path.parents for path in on_disk(kept_files))
    response = serve(made, original=True)
    response.file_to_stream.close()
    disposition = response.headers["Content-Disposition"]
    assert not any(c in disposition for c in "\r\n\x00\u202e")


def test_a_polyglot_leaves_as_a_download_that_is_not_run(by):
    made = services.keep(content=picture() + HTML + office(), name="a.jpg", by=by, at=AT)
    whole, shown = serve(made, original=True), serve(made)
    assert whole.headers["Content-Disposition"].startswith("attachment")
    assert whole.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["Content-Type"] == "image/webp"
    assert b"<script>" not in b"".join(shown.streaming_content)
    shown.file_to_stream.close()
    whole.file_to_stream.close()
    for response in (whole, shown):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]


def test_place_and_time_go_into_the_record_and_out_of_the_copy(by, kept_files):
    exif = gps((36.0, 30.0, 0.0), (120.0, 30.0, 0.0), model="XPhone 9")
    made = services.keep(content=picture(exif=exif), name="a.jpg", by=by, at=AT)
    assert (made.taken_lon, made.taken_lat, made.taken_by_device) == (120.5, 36.5, "XPhone 9")
    assert made.taken_at.isoformat() == "2026-09-22T09:30:00+08:00"
    with Image.open(kept_files / made.display) as shown:
        assert not dict(shown.getexif())
        assert not {"exif", "xmp", "icc_profile"} & set(shown.info)
    assert b"XPhone" not in (kept_files / made.display).read_bytes()


def test_the_copy_of_a_png_or_webp_loses_its_exif_too(by, kept_files):
    for kind, name in (("PNG", "a.png"), ("WEBP", "a.webp")):
        made = services.keep(
            content=picture(kind, exif=gps((36.0, 0.0, 0.0), (120.0, 0.0, 0.0))),
            name=name,
            by=by,
            at=AT,
        )
        assert made.taken_lon == 120.0
        assert b"XPhone" not in (kept_files / made.display).read_bytes()


@pytest.mark.parametrize(
    "lat", [(0, 0, (0, 0)), (91.0, 0.0, 0.0), (36.0, 30.0), ((1, 0), 0, 0)], ids=str
)
def test_a_place_that_is_none_is_left_out(by, lat):
    made = services.keep(
        content=picture(exif=gps((36.0, 30.0, 0.0), (400.0, 0.0, 0.0), model="a\x00b\x1b")),
        name="a.jpg",
        by=by,
        at=AT,
    )
    assert made.taken_lon is None
    from qingyuan.web.files.pictures import _degrees

    assert _degrees(tuple(float("nan") if isinstance(v, tuple) else v for v in lat), "N") is None
    assert "\x00" not in made.taken_by_device


def test_a_full_disk_is_said_and_leaves_nothing(by, kept_files, monkeypatch, raises_problem):
    calls = []

    def full(number: int) -> None:
        calls.append(number)
        if len(calls) == 2:  # the original is written, its copy no longer fits
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(services.os, "fsync", full)
    with raises_problem("files.not_written"):
        services.keep(content=picture(), name="a.jpg", by=by, at=AT)
    assert on_disk(kept_files) == []
    assert not Attachment.objects.exists()


def test_a_folder_that_cannot_be_made_is_said(by, kept_files, monkeypatch, raises_problem):
    monkeypatch.setattr(
        Path, "mkdir", lambda *a, **k: (_ for _ in ()).throw(OSError(30, "Read-only file system"))
    )
    with raises_problem("files.not_written"):
        services.keep(content=picture(), name="a.jpg", by=by, at=AT)


def test_a_deed_that_fails_after_its_files_takes_them_along(by, kept_files):
    """Two files are kept, then the deed around them is undone: no orphan stays on disk."""

    @transaction.atomic
    def deed() -> None:
        services.keep(content=picture(), name="a.jpg", by=by, at=AT)
        services.keep(content=picture("PNG"), name="b.png", by=by, at=AT)
        assert len(on_disk(kept_files)) == 4
        services.keep(content=b"", name="c.png", by=by, at=AT)

    with pytest.raises(Problem):
        deed()
    assert on_disk(kept_files) == []
    assert not Attachment.objects.exists()


def test_a_deed_that_ends_well_keeps_its_files(by, kept_files, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        made = services.keep(content=picture(), name="a.jpg", by=by, at=AT)
    assert sorted(path.name for path in on_disk(kept_files)) == ["display.webp", "original"]
    assert (kept_files / made.original).read_bytes() == picture()
