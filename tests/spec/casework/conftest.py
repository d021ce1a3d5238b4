from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from qingyuan.casework import Actor, Move, Procedure, shipped
from qingyuan.casework.decide import legal_deeds, missing
from qingyuan.casework.simulate import Moment, advance, begin
from qingyuan.core.periods import CITY_TZ

PEOPLE = {
    "duty": Actor("duty", frozenset({"duty_officer"}), frozenset({"city"})),
    "officer": Actor("officer", frozenset({"district_officer"}), frozenset({"city", "laixi"})),
    "second": Actor("second", frozenset({"district_officer"}), frozenset({"city", "laixi"})),
    "stranger": Actor("stranger", frozenset({"district_officer"}), frozenset({"city", "shinan"})),
    "head": Actor("head", frozenset({"department_head"}), frozenset({"city"})),
    "vice": Actor("vice", frozenset({"vice_leader"}), frozenset({"city"})),
    "leader": Actor("leader", frozenset({"leader"}), frozenset({"city"})),
    "plant": Actor("plant", frozenset({"enterprise"}), enterprise="plant-1"),
    "rival": Actor("rival", frozenset({"enterprise"}), enterprise="plant-2"),
    "audit": Actor("audit", frozenset({"audit_admin", "system_admin", "security_admin"})),
}
PHOTOS = ("before_photo", "after_photo")


@dataclass
class Desk:
    """A case on the desk: deeds by name, one hour apart, from Monday 2026-07-06 09:00."""

    procedure: Procedure
    moment: Moment
    at: datetime = datetime(2026, 7, 6, 9, tzinfo=CITY_TZ)
    done: list[str] = field(default_factory=list)

    def do(self, who: str, deed: str, *evidence: str, **given: Any) -> Desk:
        move = Move(deed, PEOPLE[who], self.at, given, frozenset(evidence))
        self.moment = advance(self.procedure, self.moment, move)
        self.at += timedelta(hours=1)
        self.done.append(deed)
        return self

    @property
    def state(self) -> str:
        return self.moment.facts.state

    def buttons(self, who: str) -> set[str]:
        found = legal_deeds(self.procedure, facts=self.moment.facts, actor=PEOPLE[who])
        return {deed.name for deed in found}

    def lacks(self) -> list[str]:
        return [n.name for n in missing(self.procedure, facts=self.moment.facts) if not n.met]

    # the usual way, in a few strides
    def signed(self) -> Desk:
        self.do("duty", "assign", unit="laixi", person="officer")
        return self.do("officer", "sign")

    def pushed(self) -> Desk:
        self.signed()
        self.do("officer", "check_onsite", "check_record", officers="甲、乙", finding="私设管道")
        self.do("officer", "list_problems", problems=["私设管道"], due_on=date(2026, 7, 10))
        return self.do("officer", "push")

    def submitted(self) -> Desk:
        self.pushed().do("plant", "acknowledge")
        return self.do("plant", "submit", *PHOTOS, measures="已拆除")

    def signing(self) -> Desk:
        return self.submitted().do("second", "recheck_pass", "recheck_record", opinion="属实")

    def to_close(self) -> Desk:
        self.signing()
        for who in ("head", "vice", "leader"):
            self.do(who, "sign_pass", opinion="同意")
        return self


@pytest.fixture
def desk() -> Desk:
    procedure = shipped()["exceedance"]
    return Desk(procedure, begin(procedure, enterprise="plant-1"))


@pytest.fixture
def ownerless_desk() -> Desk:
    """A case that names no enterprise."""
    procedure = shipped()["exceedance"]
    return Desk(procedure, begin(procedure))
