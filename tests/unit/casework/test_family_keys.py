"""What a family of cases adds to its procedure: form, columns, parts, marks, findings, undo."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest

from qingyuan import casework
from qingyuan.casework import (
    Actor,
    Facts,
    Label,
    MarkRow,
    Part,
    check,
    check_form,
    decide,
    guards,
    legal_deeds,
    load,
    parts_reported,
)
from qingyuan.core.problems import Problem

TEXT = """
[procedure]
name = "small"
version = "1"
zh = "小程序"
en = "Small"
initial = "open"
numbering = "XX"
clause = "—"
roles = ["department_head", "district_officer"]
family = "petition"
policy = "all"
retention_years = 30
default_matter = "petition"

[evidence]
record = { zh = "记录", en = "Record" }

[[form]]
name = "received_on"
kind = "date"
zh = "收到日期"
en = "Received on"
past = true

[[form]]
name = "kinds"
kind = "types"
zh = "污染类型"
en = "Types"
required = false

[[form]]
name = "fine"
kind = "number"
zh = "罚款（万元）"
en = "Fine (10,000 yuan)"
required = false

[[form]]
name = "anonymous"
kind = "yes"
zh = "是否匿名"
en = "Anonymous"
required = false

[[form]]
name = "heard_at"
kind = "day_time"
zh = "来电时间"
en = "Called at"
required = false

[[column]]
name = "number"
zh = "受理编号"
en = "Number"
from = "source_no"
public = true

[[column]]
name = "received"
zh = "收到日期"
en = "Received"
from = "form.received_on"

[[column]]
name = "truth"
zh = "是否属实"
en = "Truth"
from = "given.conclude.truth"
public = true

[[state]]
name = "open"
zh = "办理中"
en = "In hand"
phase = "handle"
ledger = "handle"
unclocked = "测试不计时"

[[state]]
name = "done"
zh = "办结"
en = "Done"
phase = "feedback"
ledger = "conclude"
terminal = true

[clock.answer]
zh = "答复"
en = "Answer"
unit = "day"
length = 15
clause = "—"
warn = [{ at = -1, card = "yellow", to = ["district_officer"] }, { at = 3, card = "slip", to = ["department_head"] }, { at = 5, card = "notice", to = ["department_head"] }]

[[deed]]
name = "hand_out"
zh = "分办"
en = "Hand out"
from = ["open"]
to = "="
roles = ["department_head"]
fields = [{ name = "co_units", kind = "units", zh = "协办单位", en = "Co-handlers" }]
clocks = { start = ["answer"] }
effects = ["add_parts"]
clause = "—"
undo = true
batch = true

[[deed]]
name = "answer_part"
zh = "协办反馈"
en = "Report"
from = ["open"]
to = "="
roles = ["district_officer"]
ties = ["part_unit"]
effects = ["report_part"]
clause = "—"

[[deed]]
name = "conclude"
zh = "办结"
en = "Conclude"
from = ["open"]
to = "done"
roles = ["department_head"]
guards = ["parts_reported"]
fields = [{ name = "truth", kind = "choice", zh = "是否属实", en = "Truth", choices = { proven = { zh = "属实", en = "Proven" }, unproven = { zh = "不属实", en = "Not proven" } } }]
evidence = ["record"]
clocks = { stop = ["answer"] }
effects = ["record_finding", "return_result"]
clause = "—"
strike_off = true
"""
AT = datetime(2026, 11, 2, 3, tzinfo=UTC)
HEAD = Actor("head", frozenset({"department_head"}), frozenset({"city"}))
OFFICER = Actor("officer", frozenset({"district_officer"}), frozenset({"city", "north"}))


@pytest.fixture
def small() -> casework.Procedure:
    return load(TEXT, source="small.toml")


def codes(text: str) -> list[str]:
    return [p.code for p in check(load(text, source="small.toml"))]


def test_the_family_keys_are_read_and_pass(small):
    assert check(small) == []
    assert (small.family, small.policy, small.retention_years) == ("petition", "all", 30)
    assert small.default_matter == "petition"
    assert [c.source for c in small.columns.values() if c.public] == [
        "source_no",
        "given.conclude.truth",
    ]
    assert [w.card for w in small.clocks["answer"].warn] == ["yellow", "slip", "notice"]
    assert small.deeds["hand_out"].undo
    assert small.deeds["hand_out"].batch
    assert not small.deeds["conclude"].batch


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        pytest.param('from = "source_no"', 'from = "phone"', "casework.unknown_name", id="column"),
        pytest.param('from = "form.received_on"', 'from = "form.x"', "casework.unknown_name", id="form"),
        pytest.param("given.conclude.truth", "given.conclude.x", "casework.unknown_name", id="given"),
        pytest.param('effects = ["add_parts"]', "", "casework.field_without_effect", id="co_units"),
        pytest.param('name = "co_units"', 'name = "others"', "casework.effect_without_field", id="add_parts"),
        pytest.param('["record_finding", "return_result"]', '["return_result"]', "casework.field_without_effect", id="truth"),
        pytest.param("unproven =", "perhaps =", "casework.finding_words", id="words"),
        pytest.param("strike_off = true", "strike_off = true\nundo = true", "casework.undo_too_late", id="undo"),
        pytest.param('"parts_reported"', '"mark:nobody_knows"', "casework.unknown_name", id="mark"),
        pytest.param('ties = ["part_unit"]', "", "casework.parts_never_report", id="parts"),
        pytest.param('"report_part"', '"dance"', "casework.unknown_name", id="effect"),
        pytest.param('en = "Co-handlers" }', 'en = "C" }, { name = "co_units", kind = "units", zh = "又", en = "B" }', "casework.duplicate_name", id="twice"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_found(old, new, code):
    assert old in TEXT
    assert code in codes(TEXT.replace(old, new, 1))


def test_findings_need_their_field():
    text = TEXT.replace('name = "truth", kind', 'name = "verdict", kind').replace(
        "given.conclude.truth", "given.conclude.verdict"
    )
    assert codes(text) == ["casework.effect_without_field"]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "casework.missing_field"),
        ({"received_on": "2026-10-01"}, "casework.bad_date"),
        ({"received_on": date(2026, 10, 1), "fine": 3.5}, "casework.bad_number"),
        ({"received_on": date(2026, 10, 1), "fine": Decimal("NaN")}, "casework.bad_number"),
        ({"received_on": date(2026, 10, 1), "anonymous": "yes"}, "casework.bad_yes"),
        ({"received_on": date(2026, 10, 1), "kinds": ["water", "fire"]}, "casework.unknown_choice"),
        ({"received_on": date(2026, 10, 1), "kinds": ["water", "water"]}, "casework.bad_list"),
        ({"received_on": date(2026, 10, 1), "heard_at": date(2026, 1, 1)}, "casework.bad_day_time"),
        ({"received_on": date(2026, 10, 1), "stray": 1}, "casework.unknown_value"),
    ],
    ids=str,
)  # fmt: skip
def test_the_opening_form_is_checked_like_a_deed(small, form, code):
    with pytest.raises(Problem) as caught:
        check_form(small, form, at=AT)
    assert caught.value.code == code
    assert caught.value.zh
    assert caught.value.en


def test_a_good_form_passes_and_a_past_date_where_the_field_says_so(small):
    form = {
        "received_on": date(2026, 10, 1),
        "kinds": ["water", "noise"],
        "fine": Decimal("3.5"),
        "anonymous": False,
        "heard_at": AT,
    }
    check_form(small, form, at=AT)
    strict = load(TEXT.replace("past = true", ""), source="x")
    with pytest.raises(Problem, match="早于今天"):
        check_form(strict, form, at=AT)


def test_who_has_an_open_part_may_report_it(small):
    facts = Facts(state="open", parts=(Part("north", "co"), Part("south", "watch")))
    named = {d.name for d in legal_deeds(small, facts=facts, actor=OFFICER)}
    assert "answer_part" in named
    south = replace(OFFICER, units=frozenset({"south"}))
    assert legal_deeds(small, facts=facts, actor=south) == ()
    told = replace(facts, parts=(Part("north", "co", "reported"),))
    assert legal_deeds(small, facts=told, actor=OFFICER) == ()


@pytest.mark.parametrize(
    ("policy", "states", "answer"),
    [
        ("all", ("reported", "given"), False),
        ("all", ("reported", "reported"), True),
        ("all", ("reported", "returned"), True),
        ("any", ("reported", "given"), True),
        ("any", ("given", "signed"), False),
        ("lead", ("reported", "given"), True),
        ("lead", ("given", "reported"), False),
    ],
)
def test_whose_report_suffices(policy, states, answer):
    parts = (Part("lead", "lead", states[0]), Part("co", "co", states[1]), Part("eye", "watch"))
    assert parts_reported(parts, policy) is answer
    assert parts_reported((), policy) is True


def test_a_case_waits_for_its_parts(small):
    facts = Facts(
        state="open",
        parts=(Part("north", "co"),),
        given={"truth": "proven"},
        evidence=frozenset({"record"}),
    )
    with pytest.raises(Problem, match="还有承办单位未反馈"):
        decide(small, deed="conclude", facts=facts, actor=HEAD, at=AT)
    facts = replace(facts, parts=(Part("north", "co", "reported"),))
    assert decide(small, deed="conclude", facts=facts, actor=HEAD, at=AT).to == "done"


def test_a_deed_that_reports_is_the_lead_s_report(small):
    text = TEXT.replace(
        '["record_finding", "return_result"]', '["report_part", "record_finding"]', 1
    )
    rules = load(text, source="x")
    facts = Facts(state="open", parts=(Part("city", "lead"), Part("north", "co", "reported")))
    assert guards.guarded(rules, rules.deeds["conclude"], facts) is None
    refused = guards.guarded(small, small.deeds["conclude"], facts)
    assert refused is not None
    assert refused.code == "casework.guard_parts_reported"


@pytest.mark.parametrize(
    ("guard", "marks", "said"),
    [
        ("mark:answered", frozenset(), "尚未答复"),
        ("mark:answered", frozenset({"answered"}), None),
        ("not:answered", frozenset({"answered"}), "已经答复"),
        ("not:answered", frozenset(), None),
    ],
)
def test_marks_guard_deeds_and_say_what_is_lacking(monkeypatch, guard, marks, said):
    row = MarkRow(
        "answered", Label("尚未答复", "no answer yet"), Label("已经答复", "answered"), "x"
    )
    monkeypatch.setattr(guards, "MARKS", MappingProxyType({"answered": row}))
    rules = load(TEXT.replace('"parts_reported"', f'"{guard}"'), source="x")
    assert check(rules) == []
    refused = guards.guarded(rules, rules.deeds["conclude"], Facts(state="open", marks=marks))
    if said is None:
        assert refused is None
    else:
        assert refused is not None
        assert said in refused.zh


def test_tables_speak_both_languages():
    for rows in (casework.TYPES, casework.TRUTHS, casework.PROGRESS, casework.COLUMNS):
        assert all(label.zh and label.en for label in rows.values())
    for effect in casework.EFFECTS.values():
        assert effect.label.zh and effect.label.en and effect.app  # noqa: PT018
    for mark in casework.MARKS.values():
        assert mark.lacking.zh and mark.lacking.en and mark.app  # noqa: PT018
    declared = {e.name for p in casework.shipped().values() for e in p.effects}
    assert declared <= set(casework.EFFECTS)


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        pytest.param('policy = "all"', 'policy = "most"', "casework.unknown_word", "procedure.policy", id="policy"),
        pytest.param('retention_years = 30', 'retention_years = "long"', "casework.wrong_type", "procedure.retention_years", id="retention"),
        pytest.param('name = "kinds"', 'name = "received_on"', "casework.duplicate_name", "form[1].name", id="form-twice"),
        pytest.param('from = "source_no"\n', "", "casework.missing_key", "column[0]", id="column-from"),
        pytest.param('kind = "types"', 'kind = "colours"', "casework.unknown_word", "form[1].kind", id="kind"),
        pytest.param('card = "slip"', 'card = "blue"', "casework.unknown_word", "clock.answer.warn[1].card", id="card"),
        pytest.param("batch = true", 'batch = "yes"', "casework.wrong_type", "deed[0].batch", id="batch"),
        pytest.param("public = true", "shown = true", "casework.unknown_key", "column[0].shown", id="public"),
    ],
)  # fmt: skip
def test_a_fault_in_the_family_keys_names_its_place(old, new, code, path):
    from qingyuan.core.problems import Problems

    assert old in TEXT
    with pytest.raises(Problems) as caught:
        load(TEXT.replace(old, new, 1), source="small.toml")
    assert (code, path) in {(p.code, p.values["path"]) for p in caught.value.problems}


def _clock_with(lines: str) -> str:
    old = 'unit = "day"\nlength = 15\n'
    assert old in TEXT
    return TEXT.replace(old, lines, 1)


def test_a_clock_may_take_its_length_from_a_typed_limit():
    rule = load(_clock_with('limit = "PET-04"\n'), source="x").clocks["answer"]
    assert (rule.length, rule.unit, rule.extend_max, rule.limit) == (60, "day", 30, "PET-04")
    assert rule.mark == ""
    rule = load(_clock_with('limit = "HOT-01"\nextend_max = 5\n'), source="x").clocks["answer"]
    assert (rule.length, rule.unit, rule.extend_max) == (5, "workday", 5)
    assert rule.mark == casework.LIMITS["HOT-01"].mark


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ('limit = "PET-04"\nlength = 15\n', "casework.limit_differs"),
        ('limit = "PET-99"\nunit = "day"\nlength = 15\n', "casework.unknown_word"),
        ('limit = "PEN-13"\nunit = "day"\nlength = 15\n', "casework.unknown_word"),
    ],
    ids=["differs", "unknown", "amount"],
)
def test_a_limit_that_does_not_fit_is_refused(lines, code):
    from qingyuan.core.problems import Problems

    with pytest.raises(Problems) as caught:
        load(_clock_with(lines), source="x")
    assert [p.code for p in caught.value.problems] == [code]
    assert all(p.zh and p.en for p in caught.value.problems)
