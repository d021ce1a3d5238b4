"""Template tags and filters: what a page says for the awkward values."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory


def shown(text: str, **values: object) -> str:
    return Template("{% load ui %}" + text).render(Context(values)).strip()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("4", "Ⅳ"),
        ("IV", "Ⅳ"),
        ("Ⅳ类", "Ⅳ"),
        (6, "劣Ⅴ"),
        ("劣V", "劣Ⅴ"),
        ("ⅳ", "Ⅳ"),
        ("VII", "—"),
        (None, "—"),
    ],
)
def test_a_water_class_is_written_one_way_whatever_way_it_came(value, expected):
    assert shown("{{ v|gb_class }}", v=value) == expected


def test_a_class_badge_carries_its_letter_and_its_word_not_only_colour():
    badge = shown("{% class_badge v %}", v="III")
    assert 'data-class="Ⅲ"' in badge
    assert ">Ⅲ<span" in badge
    assert "类" in badge


def test_times_are_shown_in_beijing_time():
    at = datetime(2026, 9, 21, 16, 30, tzinfo=UTC)
    assert shown("{{ t|city_time }}", t=at) == "2026-09-22 00:30"
    assert shown("{{ t|city_date }}", t=at) == "2026-09-22"
    assert shown("{{ t|city_date }}", t=date(2026, 9, 22)) == "2026-09-22"
    assert shown("{{ t|city_time }}", t=None) == "—"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        pytest.param(
            Decimal("1.30"), "mg/L", '1.30 <span class="qy-unit">mg/L</span>', id="末位零照原样保留"
        ),
        pytest.param("0.05", "", "0.05", id="原文照写"),
        pytest.param(Decimal("-0.5"), "", "−0.5", id="负号用减号"),
        pytest.param(None, "mg/L", "—", id="没有数就不写单位"),
        pytest.param("<b>", "x", '&lt;b&gt; <span class="qy-unit">x</span>', id="来的内容要转义"),
    ],
)
def test_a_quantity_is_shown_as_reported(value, unit, expected):
    assert shown("{{ v|quantity:u }}", v=value, u=unit) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.58, "0.58"), (0.0004, "&lt;0.01"), (0.9996, "&gt;0.99"), (1.0, "1.00"), (0.0, "0.00")],
)
def test_a_probability_is_never_rounded_to_certainty(value, expected):
    assert shown("{{ v|probability }}", v=value) == expected


@pytest.mark.parametrize(
    ("left", "closed", "words", "tone"),
    [
        (6, False, "剩 6 个工作日", "ok"),
        (3, False, "剩 3 个工作日", "warn"),
        (0, False, "今日到期", "warn"),
        (-2, False, "逾期 2 个工作日", "late"),
        (-2, True, "已办结", "done"),
        (None, False, "未定期限", "ok"),
    ],
)
def test_a_countdown_says_what_is_left_in_words(left, closed, words, tone):
    made = shown(
        "{% countdown due left closed=closed %}", due=date(2026, 9, 30), left=left, closed=closed
    )
    assert words in made
    assert f'data-state="{tone}"' in made


def test_a_countdown_explains_its_rule_to_the_keyboard_too():
    made = shown(
        "{% countdown due 6 rule=rule %}", due=date(2026, 9, 30), rule="自 09-22 起 6 个工作日"
    )
    assert 'tabindex="0"' in made
    assert "自 09-22 起 6 个工作日" in made


def test_nothing_overdue_is_not_drawn_as_overdue():
    assert 'data-tone="late"' in shown('{% figure "逾期" 2 tone="late" %}')
    assert "data-tone" not in shown('{% figure "逾期" 0 tone="late" %}')


def test_the_rail_marks_what_is_done_what_is_now_and_what_is_to_come():
    steps = [("a", "发现"), ("b", "处理", "第 2 天"), ("c", "反馈")]
    made = shown('{% state_rail steps "b" %}', steps=steps)
    assert [part.split('"')[0] for part in made.split('data-state="')[1:]] == [
        "done",
        "now",
        "todo",
    ]
    assert made.count("aria-current") == 1


def test_bits_for_go_right_and_against_go_left_on_one_scale():
    made = shown("{% evidence_bits rows 4 %}", rows=[("到达时间", 2.0), ("构成", -1.0)])
    assert 'class="for" x="50.00" y="3" height="8" width="25.00"' in made
    assert 'class="against" x="37.50" y="3" height="8" width="12.50"' in made
    assert "+1.0" in made


def test_no_part_uses_an_inline_style_or_script():
    from pathlib import Path

    import qingyuan.web

    for page in Path(qingyuan.web.__file__).parent.glob("*/templates/**/*.html"):
        text = page.read_text("utf-8")
        assert "style=" not in text, page
        assert "<style" not in text, page
        assert " onclick=" not in text, page
        assert "<script>" not in text, page


def test_every_icon_a_page_asks_for_is_drawn():
    import json
    import re
    from pathlib import Path

    import qingyuan.web

    home = Path(qingyuan.web.__file__).parent
    known = json.loads((home / "ui" / "icons.json").read_text("utf-8"))["icons"]
    for page in home.glob("*/templates/**/*.html"):
        asked = re.findall(r'{% icon "([a-z-]+)"', page.read_text("utf-8"))
        assert set(asked) <= set(known), page
    for app in home.glob("*/apps.py"):
        assert set(re.findall(r'icon="([a-z-]+)"', app.read_text("utf-8"))) <= set(known), app


def test_pages_keep_the_rest_of_the_query():
    request = RequestFactory().get("/cases/?district=莱西&page=3")
    made = shown("{% pages page %}", page=Paginator(range(12_043), 20).page(3), request=request)
    assert "共 12,043 行" in made
    assert "district=%E8%8E%B1%E8%A5%BF&amp;page=4" in made
    assert 'aria-current="page">3<' in made


class _Form(forms.Form):
    reason = forms.CharField(
        label="理由", help_text="写明依据", error_messages={"required": "请填写理由。"}
    )
    photo = forms.FileField(label="照片", required=False)


def test_an_error_stands_in_the_summary_and_at_its_field_in_the_same_words():
    form = _Form({"reason": ""})
    form.is_valid()
    made = shown('{% include "ui/form_fields.html" %}', form=form)
    assert made.count("请填写理由。") == 2
    assert '<a href="#id_reason">请填写理由。</a>' in made
    assert 'aria-invalid="true"' in made
    assert 'aria-describedby="id_reason-hint id_reason-error"' in made


def test_a_page_title_stands_in_the_tab_and_in_the_heading():
    child = '{% extends "ui/base.html" %}{% block title %}望澜桥 <i>断面</i>{% endblock %}'
    made = Template(child).render(Context({"user": SimpleNamespace(is_authenticated=False)}))
    assert "<title>望澜桥 断面 · 清源</title>" in made
    assert "<h1>望澜桥 <i>断面</i></h1>" in made


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_every_error_page_says_what_happened_and_what_to_do(status):
    page = '{% include "ui/error.html" %}'
    made = Template(page).render(
        Context({"status": status, "reference": "ab12cd34" if status == 500 else ""})
    )
    assert "<h1></h1>" not in made
    assert ("ab12cd34" in made) == (status == 500)


@pytest.mark.parametrize(
    ("options", "given", "chosen"),
    [
        ([("1", "甲"), ("2", "乙")], "2", ["乙"]),
        ([(1, "甲"), (2, "乙")], "1", ["甲"]),
        ([SimpleNamespace(code="a", name="甲")], "a", ["甲"]),
        ([("1", "甲")], None, []),
        ([("1", "<甲>")], "9", []),
    ],
)
def test_a_list_is_narrowed_by_pairs_or_things_of_a_code(options, given, chosen):
    said = shown("{% pick _('类别') 'kind' options given %}", options=options, given=given)
    assert re.findall(r" selected>(.*?)</option>", said) == chosen
    assert said.count("<option") == len(options) + 1
    assert "<甲>" not in said
