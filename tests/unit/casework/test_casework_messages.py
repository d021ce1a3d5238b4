"""Every code the room can raise has its two sentences, with the same placeholders."""

from __future__ import annotations

import re
from pathlib import Path

import qingyuan.casework as room
from qingyuan.casework import GUARDS, TIES
from qingyuan.core.problems import messages_of

HOME = Path(room.__file__).parent


def test_every_raised_code_has_its_row_and_every_row_is_used():
    text = "".join(
        p.read_text("utf-8") for p in [*HOME.glob("*.py"), *HOME.parent.glob("cli/casework*.py")]
    )
    raised = {c for c in re.findall(r'"(casework\.[a-z_]+)"', text) if not c.endswith("_")}
    raised |= {f"casework.guard_{g}" for g in GUARDS} | {f"casework.tie_{t}" for t in TIES}
    assert raised == set(messages_of("casework"))


def test_both_sentences_have_the_same_placeholders():
    for code, row in messages_of("casework").items():
        assert set(row) == {"zh", "en"}, code
        found = [set(re.findall(r"%\((\w+)\)", row[x])) for x in ("zh", "en")]
        assert found[0] == found[1], code


def test_a_refusal_speaks_both_languages(exceedance_text):
    from qingyuan.casework.model import Label
    from qingyuan.casework.problems import Refusal, joined

    problem = Refusal(
        "casework.not_now", deed=Label("销号", "Strike off"), state=Label("待签收", "Waiting")
    )
    assert "“待签收”" in problem.zh
    assert '"Waiting"' in problem.en
    assert problem.as_dict()["values"] == {"deed": "销号", "state": "待签收"}
    assert joined([Label("甲", "A"), Label("乙", "B")]) == Label("甲、乙", "A, B")
