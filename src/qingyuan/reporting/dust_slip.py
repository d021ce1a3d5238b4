"""The slip on a dust hot spot (走航督办单, requirements R015, R131, R164; air.md §9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qingyuan.reporting.document import Cell, Chart, Document, Section, Series, Table
from qingyuan.reporting.wording import Words

__all__ = ["DustSlip", "dust_slip"]


@dataclass(frozen=True, slots=True)
class DustSlip:
    """What a slip says: place, passes as (time, vehicle, increment, background), roads around.

    ``roads`` are lines of points (x, y) in metres from the spot with their names; figures are µg/m³.
    """

    number: str
    addressee: str
    issuer: str
    day: date
    spot: str
    place: str
    where: str
    first: date
    last: date
    hours: str
    increment: str
    interval: str
    peak: str
    background: str
    kind: str
    vehicles: int
    passes: Sequence[tuple[str, str, str, str]]
    roads: Sequence[tuple[str, bool, Sequence[tuple[float, float]]]]
    radius_m: float
    near: Sequence[tuple[str, str, str]]
    due_on: date | None
    person: str
    criterion: str
    evidence: str


def dust_slip(facts: DustSlip, *, language: str = "zh") -> Document:
    """Write the slip: what was found, on what evidence, what is demanded, how it is re-checked."""
    words = Words(language)
    return Document(
        title=words("dust_slip.title"),
        number=facts.number,
        issuer=facts.issuer,
        dated=words.day(facts.day),
        addressee=facts.addressee,
        sections=(_found(facts, words), _passes(facts, words), _near(facts, words), _demand(facts, words)),
        footnotes=(words("dust_slip.foot", digest=facts.evidence),),
        language=language,
    )  # fmt: skip


def _found(facts: DustSlip, words: Words) -> Section:
    said = words.sentence(
        "dust_slip.found", spot=facts.spot, place=facts.place, where=facts.where,
        span=words.span(facts.first, facts.last), hours=facts.hours, passes=str(len(facts.passes)),
        vehicles=str(facts.vehicles), increment=facts.increment, interval=facts.interval,
        peak=facts.peak, background=facts.background, kind=facts.kind,
    )  # fmt: skip
    drawing = Chart(
        kind="plan",
        title=words("dust_slip.plan"),
        labels=(),
        series=(
            *(
                Series(name, tuple(f"{x:.0f},{y:.0f}" for x, y in points), ("own",) if own else ())
                for name, own, points in facts.roads
            ),
            Series(facts.spot, ("0,0", f"{facts.radius_m:.0f}"), ("spot",)),
        ),
        unit="m",
        source=words("dust_slip.plan_source"),
    )
    return Section(words.heading(1, "dust_slip.one"), (said,), (), (drawing,))


def _passes(facts: DustSlip, words: Words) -> Section:
    table = Table(
        words.head("time", "vehicle", "increment", "background"),
        tuple(
            (Cell(at), Cell(vehicle), Cell(rise, number=True), Cell(base, number=True))
            for at, vehicle, rise, base in facts.passes
        ),
        name="passes",
        empty=words("dust_slip.no_passes"),
    )
    return Section(words.heading(2, "dust_slip.two"), (), (table,))


def _near(facts: DustSlip, words: Words) -> Section:
    table = Table(
        words.head("site", "kind", "distance"),
        tuple((Cell(name), Cell(kind), Cell(away, number=True)) for name, kind, away in facts.near),
        name="near",
        empty=words("dust_slip.no_near"),
    )
    return Section(words.heading(3, "dust_slip.three"), (), (table,))


def _demand(facts: DustSlip, words: Words) -> Section:
    due = words.day(facts.due_on) if facts.due_on else words("dust_slip.due_later")
    said = (
        words.sentence("dust_slip.demand", person=facts.person or "—", due=due),
        words.sentence("dust_slip.recheck", criterion=facts.criterion),
    )
    return Section(words.heading(4, "dust_slip.four"), said)
