"""The water works board (治水调度, requirements R168, R175–R176): plants, reuse, black water, villages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from qingyuan.core.quantities import round_gbt8170
from qingyuan.reporting.change import percent, share
from qingyuan.reporting.daily import footnotes
from qingyuan.reporting.document import Cell, Document, Section, Table, Text, rows_link
from qingyuan.reporting.wording import Words

__all__ = ["Plant", "WaterworksFacts", "Work", "reuse_rate", "waterworks_bulletin"]


@dataclass(frozen=True, slots=True)
class Plant:
    """A treatment plant's month: days in which the effluent met its limits, volumes in 10⁴ m³."""

    name: str
    district: str
    days_judged: int
    days_met: int
    treated: Decimal | None = None
    reused: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """A project, a black-and-odorous water or a village: what is planned and whether it is accepted."""

    name: str
    district: str
    due_on: date | None
    progress: int | None  # per cent
    done_on: date | None
    grade: str = ""  # of the acceptance or the provincial assessment
    note: str = ""


@dataclass(frozen=True, slots=True)
class WaterworksFacts:
    """What the board is written from; works by the name of their register."""

    city: str
    issuer: str
    first: date
    last: date
    data_until: datetime
    plants: Sequence[Plant] = ()
    projects: Sequence[Work] = ()
    black_water: Sequence[Work] = ()
    villages: Sequence[Work] = ()
    city_en: str = ""
    issuer_en: str = ""


def reuse_rate(plants: Sequence[Plant]) -> Decimal | None:
    """Return reused over treated water in per cent, of the plants that reported both; None of none."""
    both = [(p.reused, p.treated) for p in plants if p.reused is not None and p.treated]
    if not both:
        return None
    reused = sum((Fraction(r) for r, _ in both), Fraction(0))
    treated = sum((Fraction(t) for _, t in both if t), Fraction(0))
    return Decimal(round(1000 * reused / treated)).scaleb(-1)


def waterworks_bulletin(facts: WaterworksFacts, *, number: str, language: str = "zh") -> Document:
    """Write the monthly board of water works (治水工作月调度)."""
    words = Words(language)
    named = (
        ("projects", facts.projects),
        ("black_water", facts.black_water),
        ("villages", facts.villages),
    )
    totals = {"plants": len(facts.plants)}
    for name, works in named:
        totals |= {name: len(works), f"{name}_done": sum(w.done_on is not None for w in works)}
    return Document(
        title=words("waterworks.title", city=words.name(facts.city, facts.city_en)),
        number=number,
        issuer=words.name(facts.issuer, facts.issuer_en),
        dated=words.month(facts.first),
        sections=(
            _plants(facts.plants, words),
            *(
                _works(name, works, facts.last, words, index=n)
                for n, (name, works) in enumerate(named, start=2)
            ),
        ),
        footnotes=(*footnotes(facts.data_until, (), words), words("waterworks.source")),
        totals=MappingProxyType(totals),
        language=language,
    )


def _plants(plants: Sequence[Plant], words: Words) -> Section:
    heading = words.heading(1, "waterworks.plants")
    if not plants:
        return Section(heading, (words.sentence("waterworks.no_plants"),))
    met = [p for p in plants if p.days_judged and p.days_met == p.days_judged]
    rate = reuse_rate(plants)
    said = words.sentence(
        "waterworks.plants_said",
        all=words.count(len(plants), "plant", rows_link("plants")),
        met=words.count(len(met), "plant", rows_link("plants", "met")),
        reuse=percent(rate, words),
    )
    rows = tuple(
        (
            Cell(p.name),
            words.cell(p.district),
            Cell(str(p.days_judged), number=True),
            Cell(percent(share(p.days_met, p.days_judged), words), number=True),
            Cell(_volume(p.treated, words), number=True),
            Cell(_volume(p.reused, words), number=True),
            Cell(percent(reuse_rate([p]), words), number=True),
        )
        for p in plants
    )
    table = Table(
        words.head("plant", "district", "days_judged", "days_met", "treated", "reused", "reuse"),
        rows,
        caption=words("waterworks.plants_table"),
        name="plants",
        tags=tuple(("met",) if p in met else () for p in plants),
    )
    return Section(heading, (said,), (table,))


def _volume(value: Decimal | None, words: Words) -> str:
    return words("word.not_reported") if value is None else str(round_gbt8170(value, 2))


def _works(name: str, works: Sequence[Work], at: date, words: Words, *, index: int) -> Section:
    heading = words.heading(index, f"waterworks.{name}")
    if not works:
        return Section(heading, (words.sentence(f"waterworks.no_{name}"),))
    done = sum(w.done_on is not None for w in works)
    tags = tuple(_tags(w, at) for w in works)
    late = sum("late" in t for t in tags)
    said = words.sentence(
        f"waterworks.{name}_said",
        all=words.count(len(works), "place", rows_link(name)),
        done=words.count(done, "place", rows_link(name, "done")),
        ratio=Text(f"{done}/{len(works)}", rows_link(name, "done"), strong=False),
        late=words.count(late, "place", rows_link(name, "late")),
    )
    rows = tuple(
        (
            Cell(w.name),
            words.cell(w.district),
            Cell(w.due_on.isoformat() if w.due_on else words("word.none")),
            Cell(
                words("word.not_reported") if w.progress is None else f"{w.progress}%", number=True
            ),
            Cell(
                w.done_on.isoformat() if w.done_on else words("waterworks.not_done"),
                mark="late" if "late" in t else "",
            ),
            Cell(w.grade or "—"),
        )
        for w, t in zip(works, tags, strict=True)
    )
    head = words.head("name", "district", "due_on", "progress", "done_on", "grade")
    return Section(heading, (said,), (Table(head, rows, name=name, tags=tags),))


def _tags(work: Work, at: date) -> tuple[str, ...]:
    if work.done_on is not None:
        return ("done",)
    return ("late",) if work.due_on is not None and work.due_on < at else ()
