from __future__ import annotations

import pytest

from qingyuan.casework import Ledger, Phase, load
from qingyuan.core.problems import Problems

SMALL = """
[procedure]
name = "small"
version = "1"
zh = "小程序"
en = "Small"
initial = "open"
numbering = "XX"
clause = "—"
roles = ["duty_officer"]
[evidence]
photo = { zh = "照片", en = "Photo" }
[[state]]
name = "open"
zh = "待办"
en = "Open"
phase = "handle"
ledger = "handle"
[[state]]
name = "done"
zh = "办结"
en = "Done"
phase = "feedback"
ledger = "conclude"
terminal = true
[[deed]]
name = "finish"
zh = "销号"
en = "Finish"
from = ["open"]
to = "done"
roles = ["duty_officer"]
evidence = ["photo"]
clause = "—"
strike_off = true
"""


def problems_of(text: str) -> list[tuple[str, int, str]]:
    with pytest.raises(Problems) as caught:
        load(text, source="small.toml")
    return [(p.code, p.values["line"], p.values["path"]) for p in caught.value.problems]


def test_the_small_procedure_loads():
    procedure = load(SMALL, source="small.toml")
    assert procedure.states["open"].ledger is Ledger.HANDLE
    assert procedure.states["done"].phase is Phase.FEEDBACK
    assert procedure.states_of(Ledger.CONCLUDE) == ("done",)
    assert procedure.digest == load(SMALL, source="elsewhere").digest
    assert procedure.digest != load(SMALL + "# one comment more\n", source="small.toml").digest


def test_broken_toml_names_the_place(raises_problem):
    with raises_problem("casework.toml_syntax"):
        load("[procedure\nname = 1", source="x.toml")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('to = "done"\n', "", ("casework.missing_key", 26, "deed[0]")),
        ('to = "done"', "to = 3", ("casework.wrong_type", 31, "deed[0].to")),
        ('phase = "handle"', 'phase = "处理"', ("casework.unknown_word", 17, "state[0].phase")),
        ('from = ["open"]', "from = [1]", ("casework.wrong_type", 30, "deed[0].from")),
        ('name = "done"', 'name = "open"', ("casework.duplicate_name", 20, "state[1].name")),
        ("terminal = true", "termnal = true", ("casework.unknown_key", 25, "state[1].termnal")),
        (
            'evidence = ["photo"]',
            'evidence = [{ any = ["photo"], oder = "x" }]',
            ("casework.unknown_key", 33, "deed[0].evidence[0].oder"),
        ),
        (
            "strike_off = true",
            'strike_off = true\nfields = [{ name = "a", kind = "choice", zh = "甲", en = "A" }]',
            ("casework.choices_mismatch", 36, "deed[0].fields[0]"),
        ),
        (
            "[evidence]",
            '[clock.c]\nzh = "限"\nen = "L"\nunit = "day"\nclause = "—"\n[evidence]',
            ("casework.clock_without_length", 11, "clock.c"),
        ),
        (
            "[evidence]",
            '[chain.c]\npassed_to = "done"\nreturned_to = "open"\n[evidence]',
            ("casework.missing_key", 11, "chain.c"),
        ),
        ("[[state]]\n", "stray = 1\n[[state]]\n", None),
        ("photo = {", "photo = 3 #", ("casework.wrong_type", 12, "evidence.photo")),
    ],
)
def test_every_fault_names_line_and_path(old, new, expected):
    text = SMALL.replace(old, new, 1)
    found = problems_of(text)
    if expected is None:
        assert found
    else:
        line = text.splitlines()
        assert expected[0] in [code for code, _, _ in found]
        _code, at, path = next(f for f in found if f[0] == expected[0])
        assert path == expected[2]
        key = path.rsplit(".", 1)[-1].split("[")[0]
        assert key in line[at - 1] or line[at - 1].startswith("["), (at, line[at - 1])


def test_all_faults_are_reported_at_once():
    text = SMALL.replace('to = "done"\n', "").replace('phase = "handle"', 'phase = "x"')
    assert {code for code, _, _ in problems_of(text)} == {
        "casework.missing_key",
        "casework.unknown_word",
    }


def test_the_authors_guide_names_every_guard_tie_and_kind_of_field():
    from importlib.resources import files

    from qingyuan.casework import GUARDS, TIES
    from qingyuan.casework.load import FIELD_KINDS

    guide = (files("qingyuan.casework") / "procedures" / "README.md").read_text("utf-8")
    assert [name for name in (*GUARDS, *TIES, *FIELD_KINDS) if name not in guide] == []
