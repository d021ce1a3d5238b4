"""One case, one book: everything its reader may see, bound with contents and page numbers."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from datetime import timedelta
from shutil import which

import pytest
from django.urls import reverse

from qingyuan.host.citytime import CityClock
from qingyuan.web.audit.models import Entry
from qingyuan.web.cases.models import Case, EvidenceLink

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(which("pdftotext") is None, reason="pdftotext (poppler) is not installed"),
]


@pytest.fixture
def fetch(client, town, monkeypatch):
    """Fetch a file of a case as a person."""
    monkeypatch.setattr(CityClock, "now", lambda self: town.at + timedelta(minutes=30))

    def get(who: str, route: str, number: str):
        client.force_login(town.who(who))
        return client.get(reverse(route, args=[number]))

    return get


def words(answer, *how: str) -> str:
    assert answer.status_code == 200, answer.status_code
    done = subprocess.run(
        ["pdftotext", *how, "-", "-"], input=answer.content, capture_output=True, check=True
    )
    return done.stdout.decode().replace("\u200b", "")


def test_the_book_holds_the_whole_case(fetch, town, case):
    case = town.closed(case)
    said = words(fetch("duty", "case-book", case.number))
    packed = re.sub(r"\s+", "", said)
    assert case.number in said
    assert case.title in said
    for heading in (
        "案件概况", "分工与责任", "时限", "问题清单", "办理经过", "审签", "佐证目录", "整改前后照片", "关联案件与事物", "审计链位置",
    ):  # fmt: skip
        assert packed.count(heading) >= 2, f"{heading} stands in the contents and over its part"
    for what in ("私设排水管", "内部核查情况", "内部复核意见", "内部审签意见", "已拆除排水管"):
        assert what in packed, what
    for link in EvidenceLink.objects.filter(case=case).select_related("attachment"):
        assert link.attachment.sm3 in packed
    for entry in Entry.objects.filter(target=case.ref, deed__startswith="cases.").exclude(
        deed="cases.book"
    ):
        assert entry.digest in packed


def test_contents_name_the_page_each_part_begins_on(fetch, town, case):
    said = words(fetch("duty", "case-book", town.closed(case).number), "-layout")
    pages = said.split("\f")
    contents = dict(re.findall(r"^\s*\d+\s+(\S+)[\s.\u2060]+(\d+)$", pages[1], re.M))
    assert contents
    total = int(re.search(r"共 (\d+) 页", said)[1])
    assert total == len([p for p in pages if p.strip()]) - 1  # the cover has no number
    for heading, page in contents.items():
        assert heading in pages[int(page)], heading


def test_every_copy_made_is_on_record(fetch, town, case):
    answer = fetch("duty", "case-book", case.number)
    import hashlib

    entry = Entry.objects.get(deed="cases.book")
    assert entry.target == case.ref
    assert entry.detail == {"kind": "pdf", "sha256": hashlib.sha256(answer.content).hexdigest()}


def test_the_enterprise_gets_its_own_smaller_book(fetch, town, case):
    case = town.closed(case)
    said = re.sub(r"\s+", "", words(fetch("ent1", "my-case-book", case.number)))
    assert "私设排水管" in said
    assert "已拆除排水管" in said
    for kept in ("内部核查情况", "内部复核意见", "内部审签意见", "内部甲", "审计链", "信访"):
        assert kept not in said, kept
    assert "after_" in said
    assert EvidenceLink.objects.filter(case=case, kind="recheck_record").exists()
    assert "recheck_" not in said
    assert fetch("rival", "my-case-book", case.number).status_code == 404


def test_who_may_not_see_the_case_gets_no_book(fetch, town, case):
    assert fetch("ent1", "case-book", case.number).status_code in (403, 404)
    assert fetch("west1", "case-book", case.number).status_code == 404
    assert not Entry.objects.filter(deed="cases.book").exists()


def test_the_docx_says_the_same_and_a_case_at_its_beginning_has_a_book_too(fetch, town, case):
    answer = fetch("duty", "case-book-docx", case.number)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        text = packed.read("word/document.xml").decode()
    assert case.number in text
    assert "尚未交办" in text
    assert "办理经过" in words(fetch("duty", "case-book", case.number))
    assert Case.objects.get(pk=case.pk).state == case.state
