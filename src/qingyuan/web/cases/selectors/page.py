"""Everything a case page shows: rail, checks, clocks, units, links, timeline, deeds, checklist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.cases.models import (
    Case,
    EvidenceLink,
    ProblemItem,
    ResultReturn,
)
from qingyuan.web.cases.models.case import in_language
from qingyuan.web.cases.selectors.clocks import ClockView, clock_views
from qingyuan.web.cases.selectors.facts import actor_of, facts_of
from qingyuan.web.cases.selectors.file import case_file
from qingyuan.web.cases.selectors.ledger import cases
from qingyuan.web.cases.selectors.links import (
    LinkedCase,
    RollUp,
    Thing,
    linked_cases,
    roll_up,
    things_of,
)
from qingyuan.web.cases.selectors.standing import (
    Check,
    Round,
    checks,
    phases,
    receipt,
    rounds,
    row_of,
)
from qingyuan.web.cases.selectors.timeline import TimelineRow, form_values, timeline
from qingyuan.web.cases.selectors.turn import is_onward, next_roles
from qingyuan.web.registry import selectors as registry

__all__ = ["CasePage", "buttons", "case_page", "changes_since", "know_home"]

Home = Callable[[Case, User], tuple[str, str] | None]
_homes: dict[str, Home] = {}


def know_home(family: str, function: Home) -> None:
    """Let a family's app lead from a case to its own page: ``function(case, user)``.

    It answers what the link is called and its address, or None when the reader may not go there.
    *family* is the word of the procedure; called in ``AppConfig.ready``.
    """
    _homes[family] = function


@dataclass(frozen=True, slots=True)
class Pair:
    """A photo before and one after (整改前后), either of which may be missing."""

    before: EvidenceLink | None
    after: EvidenceLink | None

    @property
    def backwards(self) -> bool:
        """Whether the photo after was taken before the photo before."""
        if self.before is None or self.after is None:
            return False
        first, last = self.before.attachment.taken_at, self.after.attachment.taken_at
        return bool(first and last and last < first)


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case as one person sees it at one moment."""

    case: Case
    rail: tuple[tuple[str, str, str], ...]
    checks: tuple[Check, ...]
    clocks: tuple[ClockView, ...]
    main_clock: ClockView | None
    timeline: tuple[TimelineRow, ...]
    rounds: tuple[Round, ...]
    problems: tuple[ProblemItem, ...]
    deeds: tuple[casework.Deed, ...]
    needs: tuple[tuple[str, bool], ...]
    waits_for: str
    pairs: tuple[Pair, ...]
    section_name: str
    outfall_name: str
    types: tuple[str, ...]
    form: tuple[tuple[str, str], ...]
    linked: tuple[LinkedCase, ...]
    hidden_links: int
    below: RollUp | None
    things: tuple[Thing, ...]
    results: tuple[ResultReturn, ...]
    hours_to_receipt: float | None
    hours_to_action: float | None
    home: tuple[str, str] | None
    seen: int

    @property
    def buttons(self) -> list[tuple[str, str, str]]:
        """Name, label and tone of each deed that can be done now."""
        return buttons(self.case, self.deeds)

    @property
    def parts(self) -> tuple[object, ...]:
        """The units of the present round."""
        return self.rounds[0].parts if self.rounds else ()


def changes_since(case: Case, seen: int) -> tuple[TimelineRow, ...]:
    """Return what others did after line *seen*: the difference the second of two is shown."""
    return tuple(row for row in timeline(case, case_file(case).deeds) if row.deed.seq > seen)


def case_page(case: Case, *, user: User, at: datetime) -> CasePage:
    """Return what *user* sees of *case* at *at*; whether they may see it at all is asked before."""
    file = case_file(case)
    deeds = file.deeds
    facts = facts_of(case, file=file)
    views = clock_views(case, at=at, rows=file.clocks)
    running = [v for v in views if v.stopped is None and not v.unit]
    lines = timeline(case, deeds)
    row = row_of(case, file)
    signing, acting = receipt(row)
    places = {"section": case.section_code, "outfall": case.outfall_code}
    names = registry.label_of_station(f"{kind}:{code}" for kind, code in places.items() if code)
    every = linked_cases(case)
    mine = cases(scope_of(user, on=city_date(at)))
    visible = mine.filter(number__in=[x.number for x in every])
    things, hidden = things_of(case, seen=mine)
    seen = set(visible.values_list("number", flat=True)) if every else set()
    home = _homes.get(case.rules.family)
    return CasePage(
        case=case,
        rail=phases(row, at=at),
        checks=checks(case, file, row, at=at),
        clocks=views,
        main_clock=running[0] if running else None,
        timeline=lines,
        rounds=rounds(case, file),
        deeds=casework.legal_deeds(case.rules, facts=facts, actor=actor_of(user, at=at)),
        problems=tuple(file.problems),
        needs=tuple(
            (in_language(n.label), n.met) for n in casework.missing(case.rules, facts=facts)
        ),
        waits_for=_waits_for(case, facts),
        pairs=_pairs([link for line in lines if not line.undone for link in line.evidence]),
        section_name=names.get(f"section:{case.section_code}", ""),
        outfall_name=names.get(f"outfall:{case.outfall_code}", ""),
        types=tuple(kept.label for kept in case.types.order_by("pk")),
        form=form_values(case),
        linked=tuple(x for x in every if x.number in seen),
        hidden_links=sum(x.number not in seen for x in every) + hidden,
        below=roll_up(case, at=at),
        things=things,
        results=tuple(case.results.order_by("at")),
        hours_to_receipt=signing,
        hours_to_action=acting,
        home=home(case, user) if home else None,
        seen=deeds[-1].seq if deeds else 0,
    )


def buttons(case: Case, deeds: Sequence[casework.Deed]) -> list[tuple[str, str, str]]:
    """Return the deeds as buttons: the step onward stands out, a return is marked."""
    found = []
    first = False
    for deed in deeds:
        back = deed.verdict == "return" or deed.name.endswith("_return")
        back = back or deed.to in ("returned", "sent_back", "dismissed")
        onward = is_onward(case.rules, deed, case.state) and not first
        tone = "is-danger" if back else "is-primary" if onward else ""
        first = first or onward
        found.append((deed.name, in_language(deed.label), tone))
    return found


def _waits_for(case: Case, facts: casework.Facts) -> str:
    """Return the roles whose turn it is."""
    roles = next_roles(case.rules, state=case.state, signed=len(facts.signers))
    return in_language(casework.joined(casework.ROLES[role].label for role in roles))


def _pairs(links: Sequence[EvidenceLink]) -> tuple[Pair, ...]:
    """Return photos before and after side by side, round by round, in the order they came."""
    found = []
    for number in sorted({link.round for link in links}, reverse=True):
        before = [x for x in links if x.kind == "before_photo" and x.round == number]
        after = [x for x in links if x.kind == "after_photo" and x.round == number]
        found.extend(Pair(*two) for two in zip_longest(before, after))
    return tuple(found)
