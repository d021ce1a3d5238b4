"""Effects declared by procedures and effects the platform implements are the same set."""

from __future__ import annotations

import re
from pathlib import Path

from qingyuan import casework
from qingyuan.core.problems import messages_of
from qingyuan.web import cases
from qingyuan.web.cases.effects import EFFECTS, REVERSIBLE
from qingyuan.web.cases.effects.notify import COORDINATORS


def test_declared_effects_are_the_implemented_ones():
    assert set(EFFECTS) == set(casework.EFFECTS)
    assert set(EFFECTS) >= REVERSIBLE
    for procedure in casework.shipped().values():
        assert casework.check(procedure, effects=EFFECTS) == []


def test_every_audience_is_known():
    known = {
        "responsible",
        "co",
        "watch",
        "coordinator",
        "enterprise",
        "discoverer",
        "next_signer",
        *casework.ROLES,
    }
    for procedure in casework.shipped().values():
        named = {e.params["to"] for e in procedure.effects if e.name == "notify"}
        assert named <= known
    assert set(COORDINATORS) <= set(casework.ROLES)


def test_roles_of_the_rules_are_the_roles_of_the_platform():
    from qingyuan.web.accounts.roles import ADMIN_CLASSES, roles

    assert set(casework.ROLES) == set(roles())
    assert {name for name, row in casework.ROLES.items() if not row.acts} == set(ADMIN_CLASSES)


def test_every_code_has_two_sentences_with_the_same_names():
    home = Path(cases.__file__).parent
    text = "".join(p.read_text("utf-8") for p in home.rglob("*.py"))
    raised = set(re.findall(r'Problem\(\s*"(cases\.[a-z_]+)"', text))
    table = messages_of("cases")
    assert raised == set(table)
    for row in table.values():
        found = [set(re.findall(r"%\((\w+)\)", row[x])) for x in ("zh", "en")]
        assert found[0] == found[1]


def test_every_interface_text_of_cases_has_english():
    home = Path(cases.__file__).parent
    catalogue = "".join(
        path.read_text("utf-8")
        for root in (home, home.parent)
        for path in root.glob("locale/en/*/*.po")
    )
    templates = "".join(p.read_text("utf-8") for p in home.rglob("*.html"))
    said = set(re.findall(r"""{% translate ["'](.*?)["']""", templates))
    python = "".join(p.read_text("utf-8") for p in home.rglob("*.py"))
    said |= set(re.findall(r'(?:\b_|(?<!p)gettext_lazy)\("(.*?)"\)', python))
    assert [text for text in sorted(said) if f'msgid "{text}"' not in catalogue] == []
