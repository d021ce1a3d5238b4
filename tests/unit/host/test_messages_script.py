"""The translation script of deploy/: what it gathers and what it compiles."""

from __future__ import annotations

import gettext
import importlib.util
import io
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "deploy" / "messages.py"


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("deploy_messages", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def _texts(found) -> list[tuple[str, str | None, str | None]]:
    return [(e.singular, e.plural, e.context) for _, e in found]


def test_python_calls_are_gathered_and_computed_texts_are_not(messages) -> None:
    source = (
        '_("断面")\ngettext_lazy("案件")\nngettext("%(n)s 件", "%(n)s 件们", n)\n'
        'pgettext_lazy("动词", "交办")\n_(name)\nother("不译")\n'
    )
    assert _texts(messages.texts_of_python(source)) == [
        ("断面", None, None),
        ("案件", None, None),
        ("%(n)s 件", "%(n)s 件们", None),
        ("交办", None, "动词"),
    ]


def test_template_tags_are_gathered(messages) -> None:
    source = (
        "{% load i18n %}<h1>{% translate '台账' %}</h1>\n"
        "{% blocktranslate with n=count %}共 {{ n }} 件{% endblocktranslate %}\n"
        "{% blocktranslate count n=count %}{{ n }} 条{% plural %}{{ n }} 条们{% endblocktranslate %}\n"
        '{% translate "签（收）" context "动词" %}'
    )
    assert _texts(messages.texts_of_template(source)) == [
        ("台账", None, None),
        ("共 %(n)s 件", None, None),
        ("%(n)s 条", "%(n)s 条们", None),
        ("签（收）", None, "动词"),
    ]


def _catalogue(messages):
    entries = [
        messages.Entry("断面", None, None, ["section"]),
        messages.Entry('两行\n"引号"\\', None, None, ['two\nlines "q"\\']),
        messages.Entry("%(n)s 件", "%(n)s 件", None, ["%(n)s case", "%(n)s cases"]),
        messages.Entry("交办", None, "动词", ["assign"]),
        messages.Entry("未译", None, None, [""]),
    ]
    return {entry.key: entry for entry in entries}


def test_a_catalogue_is_read_as_it_was_written(messages) -> None:
    known = _catalogue(messages)
    again = messages.read_po(messages.write_po(known))
    assert {k: (e.plural, e.english) for k, e in again.items()} == {
        k: (e.plural, e.english) for k, e in known.items()
    }


def test_the_compiled_catalogue_is_what_gettext_reads(messages) -> None:
    table = gettext.GNUTranslations(io.BytesIO(messages.as_mo(_catalogue(messages))))
    assert table.gettext("断面") == "section"
    assert table.gettext('两行\n"引号"\\') == 'two\nlines "q"\\'
    assert table.ngettext("%(n)s 件", "%(n)s 件", 1) == "%(n)s case"
    assert table.ngettext("%(n)s 件", "%(n)s 件", 3) == "%(n)s cases"
    assert table.pgettext("动词", "交办") == "assign"
    assert table.gettext("未译") == "未译"


def test_missing_stale_and_mismatched_texts_are_told(messages) -> None:
    found = {
        e.key: e
        for e in (messages.Entry("断面"), messages.Entry("共 %(n)s 件"), messages.Entry("新"))
    }
    known = {
        e.key: e
        for e in (
            messages.Entry("断面", english=["section"]),
            messages.Entry("共 %(n)s 件", english=["%(count)s cases"]),
            messages.Entry("旧", english=["old"]),
        )
    }
    lines = messages.problems_of(found, known)
    assert [line.partition(" ")[0] for line in lines] == ["占位名不同", "未译", "已不用"]
