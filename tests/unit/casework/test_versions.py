"""Two versions compared, closed cases played on the new one, open ones moved by an explicit map."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from qingyuan.casework import (
    Actor,
    Facts,
    History,
    Migration,
    Move,
    check_migration,
    diff,
    dry_run,
    load,
    migrate,
)
from qingyuan.core.periods import CITY_TZ
from qingyuan.core.problems import Problem

START = datetime(2026, 7, 6, 9, tzinfo=CITY_TZ)


def old_of(text: str):
    return load(text, source="old.toml")


def new_of(text: str, *pairs: tuple[str, str]):
    for a, b in pairs:
        assert a in text, a
        text = text.replace(a, b)
    return load(text, source="new.toml")


def test_a_version_does_not_differ_from_itself(exceedance_text):
    found = diff(old_of(exceedance_text), old_of(exceedance_text))
    assert found.changes == ()
    assert not found.needs_map


def test_every_kind_of_change_is_said_in_both_languages(exceedance_text):
    form = '\n[[form]]\nname = "river"\nkind = "line"\nzh = "河流"\nen = "River"\n'
    column = '\n[[column]]\nname = "no"\nzh = "编号"\nen = "No"\nfrom = "number"\n'
    new = new_of(
        exceedance_text,
        ('version = "2026.1"', 'version = "2026.2"'),
        ("length = 10", "length = 7"),
        ('zh = "待核查"', 'zh = "等待核查"'),
        ('name = "checked"\nzh = "已核查"\nen = "Checked"\nphase = "handle"', 'name = "checked"\nzh = "已核查"\nen = "Checked"\nphase = "discover"'),
        ('zh = "主要领导审签"', 'zh = "局长审签"'),
        ('zh = "交办意见", en = "Instruction", required = false', 'zh = "交办意见", en = "Instruction"'),
        ('after_photo = { zh = "整改后照片", en = "Photo after" }', 'after_photo = { zh = "整改后影像", en = "Photo after" }'),
        ("strike_off = true", "strike_off = true\nbatch = true"),
        ("[evidence]", f"{form}{column}\n[evidence]"),
    )  # fmt: skip
    found = diff(old_of(exceedance_text), new)
    kinds = {(c.kind, c.name, c.how, c.key) for c in found.changes}
    assert {
        ("procedure", "exceedance", "changed", "version"),
        ("clock", "handle", "changed", "length"),
        ("state", "signed", "changed", "label"),
        ("state", "checked", "changed", "phase"),
        ("chain", "review", "changed", "steps"),
        ("field", "note", "changed", "required"),
        ("evidence", "after_photo", "changed", "label"),
        ("deed", "close_out", "changed", "batch"),
        ("form", "river", "added", ""),
        ("column", "no", "added", ""),
    } <= kinds
    said = {(c.kind, c.name): c for c in found.changes}
    assert said["clock", "handle"].zh == "时限“办理时限”的长度：10 → 7"
    assert said["clock", "handle"].en == 'Clock "Handling limit", length: 10 → 7'
    assert said["form", "river"].zh == "新增登记项“河流”"
    assert all(c.zh and c.en for c in found.changes)
    assert found.moved_states == ("checked",)
    assert found.needs_map


def _without(text: str, name: str) -> str:
    start = text.index(f'[[deed]]\nname = "{name}"')
    return text[:start] + text[text.index("[[deed]]", start + 1) :]


def test_what_is_gone_is_said_and_needs_a_map(exceedance_text):
    gone = _without(exceedance_text, "pause").replace('name = "signed"', 'name = "to_check"', 1)
    gone = gone.replace('"signed"', '"to_check"')
    found = diff(old_of(exceedance_text), load(gone, source="x"))
    assert found.lost_states == ("signed",)
    assert found.needs_map
    removed = {(c.kind, c.name) for c in found.changes if c.how == "removed"}
    assert removed == {("state", "signed"), ("deed", "pause")}
    assert any(c.zh == "删去动作“暂停计时”" for c in found.changes)


DUTY = Actor("duty", frozenset({"duty_officer"}))
OFFICER = Actor("officer", frozenset({"district_officer"}), frozenset({"laixi"}))


def history(number: str = "JD1") -> History:
    def move(deed: str, actor: Actor, hours: int, **given: object) -> Move:
        return Move(deed, actor, START + timedelta(hours=hours), given)

    return History(
        number,
        (
            move("assign", DUTY, 0, unit="laixi", person="officer"),
            move("sign", OFFICER, 1),
            move("send_back", OFFICER, 2, reason="不属本区"),
            move("dismiss", DUTY, 3, reason="仪器故障"),
        ),
    )


def test_closed_cases_are_played_on_the_new_version(exceedance_text):
    told = dry_run(old_of(exceedance_text), [history()])
    assert told.passed == 1
    assert told.replays[0].ended
    assert told.replays[0].state == "dismissed"
    assert told.refused == {}


@pytest.mark.parametrize(
    ("old", "new", "deed", "code", "done"),
    [
        pytest.param('zh = "退回理由", en = "Reason" }]', 'zh = "退回理由", en = "Reason" }]\nevidence = ["check_record"]', "send_back", "casework.missing_evidence", 2, id="evidence"),
        pytest.param('name = "dismiss"\n', 'name = "drop"\n', "dismiss", "casework.unknown_deed", 3, id="gone"),
        pytest.param('from = ["assigned"]\nto = "signed"\nroles = ["district_officer"]', 'from = ["assigned"]\nto = "signed"\nroles = ["department_head"]', "sign", "casework.not_your_role", 1, id="role"),
    ],
)  # fmt: skip
def test_a_dry_run_says_what_would_be_refused_and_why(exceedance_text, old, new, deed, code, done):
    told = dry_run(new_of(exceedance_text, (old, new)), [history("JD1"), history("JD2")])
    assert told.passed == 0
    first = told.replays[0]
    assert (first.deed, first.done, first.ended) == (deed, done, False)
    assert first.problem is not None
    assert first.problem.code == code
    assert first.problem.zh
    assert told.refused == {(deed, code): ("JD1", "JD2")}


def test_marks_the_history_does_not_tell_are_assumed_and_named(exceedance_text):
    guarded = new_of(
        exceedance_text,
        ('name = "dismiss"\n', 'name = "dismiss"\nguards = ["mark:called_back", "not:redone"]\n'),
    )
    told = dry_run(guarded, [history()])
    assert told.passed == 1
    assert told.replays[0].assumed == ("called_back", "redone")
    known = history()
    last = known.moves[-1]
    moves = (*known.moves[:-1], Move(last.deed, last.actor, last.at, last.given, marks=frozenset()))
    told = dry_run(guarded, [History("JD9", moves)])
    assert told.refused == {("dismiss", "casework.mark_lacking"): ("JD9",)}


def renamed(text: str):
    text = text.replace('"signed"', '"to_check"').replace("[clock.handle]", "[clock.work]")
    return load(text.replace('"handle"]', '"work"]').replace('"handle",', '"work",')
                .replace('clock = "handle"', 'clock = "work"'), source="new.toml")  # fmt: skip


def test_open_cases_move_by_an_explicit_map(exceedance_text):
    old, new = old_of(exceedance_text), renamed(exceedance_text)
    codes = {p.code for p in check_migration(old, new, Migration())}
    assert codes == {"casework.map_missing"}
    move = Migration({"signed": "to_check"}, {"handle": "work"})
    assert check_migration(old, new, move) == []
    facts = Facts(state="signed", person="officer", clocks={"handle": "running", "sign": "stopped"})
    moved = migrate(facts, old, new, move)
    assert moved.state == "to_check"
    assert moved.clocks == {"work": "running", "sign": "stopped"}
    assert moved.person == "officer"
    stopped = migrate(facts, old, new, Migration({"signed": "to_check"}, {"handle": ""}))
    assert stopped.clocks == {"sign": "stopped"}


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ({"signed": "nowhere"}, "casework.map_unknown"),
        ({"nobody": "to_check", "signed": "to_check"}, "casework.map_unknown"),
        ({"signed": "closed"}, "casework.map_ends"),
        ({"signed": ""}, "casework.map_missing"),
    ],
    ids=str,
)
def test_a_bad_map_moves_nothing(exceedance_text, states, code):
    old, new = old_of(exceedance_text), renamed(exceedance_text)
    move = Migration(states, {"handle": "work"})
    found = check_migration(old, new, move)
    assert code in {p.code for p in found}
    assert all(p.zh and p.en for p in found)
    with pytest.raises(Problem):
        migrate(Facts(state="signed"), old, new, move)


def test_signatures_under_another_chain_do_not_count(exceedance_text):
    old = old_of(exceedance_text)
    new = new_of(exceedance_text, ('zh = "主要领导审签"', 'zh = "局长审签"'))
    facts = Facts(state="signing", signers=("head",))
    assert migrate(facts, old, new, Migration()).signers == ()
    assert migrate(facts, old, old, Migration()).signers == ("head",)
