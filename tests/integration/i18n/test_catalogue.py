"""The catalogue is whole, agrees with its sources, and is the one Django reads."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.utils import translation

ROOT = Path(__file__).resolve().parents[3]
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
CHINESE = re.compile(r"[㐀-䶿一-鿿]")


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", ROOT / "deploy/messages.py")
    assert spec
    assert spec.loader
    module = sys.modules["messages"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_lacks_english_and_nothing_is_left_over() -> None:
    said = subprocess.run(
        [sys.executable, "deploy/messages.py", "check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (said.returncode, said.stdout) == (0, "")


def test_every_form_has_the_same_placeholders(messages: ModuleType) -> None:
    entries = messages.read_po(messages.PO.read_text("utf-8"))
    assert len(entries) > 600
    for entry in entries.values():
        wanted = set(PLACEHOLDER.findall(entry.singular))
        *ones, last = entry.english
        assert set(PLACEHOLDER.findall(last)) == wanted, entry
        for one in ones:  # “once” may stand for “1 time”
            assert set(PLACEHOLDER.findall(one)) <= wanted, entry


def test_english_is_english(messages: ModuleType) -> None:
    entries = messages.read_po(messages.PO.read_text("utf-8"))
    named_so = {"中文"}
    found = [e.singular for e in entries.values() if any(map(CHINESE.search, e.english))]
    assert set(found) <= named_so


def test_there_is_one_catalogue() -> None:
    web = ROOT / "src/qingyuan/web"
    assert [p.relative_to(web).as_posix() for p in web.rglob("*.po")] == [
        "locale/en/LC_MESSAGES/django.po"
    ]


def test_django_reads_what_was_compiled(messages: ModuleType, tmp_path: Path) -> None:
    compiled = messages.PO.with_suffix(".mo")
    entries = messages.read_po(messages.PO.read_text("utf-8"))
    assert compiled.read_bytes() == messages.as_mo(entries), "run deploy/setup"
    with translation.override("en"):
        assert translation.gettext("断面") == "Section"
        assert translation.pgettext("plural", "断面") == "Sections"
        assert translation.ngettext("%(n)s 家", "%(n)s 家", 1) == "%(n)s enterprise"
        assert translation.ngettext("%(n)s 家", "%(n)s 家", 2) == "%(n)s enterprises"
    with translation.override("zh-hans"):
        assert translation.pgettext("plural", "断面") == "断面"
        assert translation.ngettext("%(n)s 家", "%(n)s 家", 2) == "%(n)s 家"


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    """Yield every (zh, en) that stands side by side in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("zh"), str):
            yield value["zh"], value.get("en", "")
        value = list(value.values())
    for inner in value if isinstance(value, list) else []:
        yield from _pairs(inner)


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("src/qingyuan/**/*.toml")), ids=lambda p: p.parent.name + "/" + p.name
)
def test_what_is_said_in_two_languages_is_said_in_both(path: Path) -> None:
    for zh, en in _pairs(tomllib.loads(path.read_text("utf-8"))):
        assert en, zh
        assert not CHINESE.search(en.replace("氨氮", "")), en  # a Chinese name given as an example
        assert sorted(PLACEHOLDER.findall(zh)) == sorted(PLACEHOLDER.findall(en)), zh


def test_the_scripts_say_everything_in_both_languages() -> None:
    text = (ROOT / "frontend/src/words.ts").read_text("utf-8")
    tables = re.findall(r"const (zh|en)\b[^{]*\{(.*?)\n\};", text, re.DOTALL)
    zh, en = (dict(re.findall(r'^ {2}(\w+): "(.*)",$', body, re.MULTILINE)) for _, body in tables)
    assert list(zh) == list(en)
    assert len(zh) > 30
    for key in zh:
        named = [sorted(re.findall(r"\{(\w+)\}", table[key])) for table in (zh, en)]
        assert named[0] == named[1], key
        assert not CHINESE.search(en[key]), key
