"""The report of one trace (溯源报告): the answer, its evidence, what it rests on, how to replay it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from qingyuan.core.periods import in_city
from qingyuan.reporting.document import (
    Cell,
    Chart,
    Document,
    Paragraph,
    Section,
    Series,
    Table,
    Text,
)
from qingyuan.reporting.wording import Words

__all__ = ["TraceCurve", "TraceFacts", "TraceSuspect", "trace_report"]


@dataclass(frozen=True, slots=True)
class TraceSuspect:
    """One suspect: probability (0–1), 5 and 95 % of its release start, bits by kind of evidence."""

    name: str
    enterprise: str
    probability: float
    release: tuple[datetime, datetime] | None
    bits: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class TraceCurve:
    """One section's curve: instants, what was measured (None where nothing was), the band, in mg/L."""

    section: str
    outfall: str
    times: tuple[datetime, ...]
    measured: tuple[float | None, ...]
    low: tuple[float, ...]
    median: tuple[float, ...]
    high: tuple[float, ...]
    unit: str
    limit: str = ""


@dataclass(frozen=True, slots=True)
class TraceFacts:
    """What a trace report is written from; words are in the report's language already."""

    issuer: str
    section: str
    factor: str
    value: str
    limit: str
    clause: str
    first_at: datetime
    data_until: datetime
    round: int
    headline: str
    set90: tuple[str, ...]
    none: float
    several: float
    suspects: tuple[TraceSuspect, ...]
    curves: tuple[TraceCurve, ...]
    samples: int
    next_sample: dict[str, str] | None
    caveats: tuple[str, ...]
    sha256: str
    seed: int
    version: str
    who: str
    at: datetime


def trace_report(facts: TraceFacts, *, number: str, language: str = "zh") -> Document:
    """Return the report of one trace as a document.

    Parameters
    ----------
    facts : TraceFacts
        The answer with names in *language*.
    number : str
        Its number, printed in the head.
    language : str
        ``zh`` or ``en``.
    """
    words = Words(language)
    return Document(
        title=words("trace.title", section=facts.section, factor=facts.factor),
        number=number,
        issuer=facts.issuer,
        dated=words.day(in_city(facts.at).date()),
        sections=(
            _conclusion(facts, words),
            Section(
                words.heading(2, "trace.data"),
                (words.sentence("trace.alarm", **_alarm(facts)),),
            ),
            Section(
                words.heading(3, "trace.suspects"),
                (words.sentence("trace.bits_note"),),
                tables=(_table(facts.suspects, words),),
            ),
            Section(
                words.heading(4, "trace.fits"),
                charts=tuple(_chart(curve, words) for curve in facts.curves),
            ),
            Section(words.heading(5, "trace.sampling"), tuple(_sampling(facts, words))),
            Section(words.heading(6, "trace.limits"), tuple(_caveats(facts, words))),
        ),
        footnotes=(
            words("trace.replay", sha=facts.sha256, seed=facts.seed, version=facts.version),
            words("trace.made_by", who=facts.who, at=_minute(facts.at)),
        ),
        language=language,
    )


def _minute(at: datetime) -> str:
    return f"{in_city(at):%Y-%m-%d %H:%M}"


def _share(p: float) -> str:
    return f"{p:.2f}"


def _alarm(facts: TraceFacts) -> dict[str, str]:
    return {
        "first": _minute(facts.first_at),
        "section": facts.section,
        "factor": facts.factor,
        "value": facts.value,
        "limit": facts.limit,
        "clause": facts.clause or "—",
        "until": _minute(facts.data_until),
        "round": str(facts.round),
    }


def _conclusion(facts: TraceFacts, words: Words) -> Section:
    names = words.joined(facts.set90)
    return Section(
        words.heading(1, "trace.conclusion"),
        (
            Paragraph((Text(facts.headline, strong=True),)),
            words.sentence("trace.set90", n=str(len(facts.set90)), names=names),
            words.sentence("trace.others", none=_share(facts.none), several=_share(facts.several)),
            words.sentence("trace.not_a_verdict"),
        ),
    )


def _table(suspects: Sequence[TraceSuspect], words: Words) -> Table:
    kinds = list(dict.fromkeys(kind for s in suspects for kind, _bits in s.bits))
    rows = []
    for rank, one in enumerate(suspects, 1):
        bits = dict(one.bits)
        span = words("word.none")
        if one.release:
            span = f"{in_city(one.release[0]):%m-%d %H:%M} – {in_city(one.release[1]):%m-%d %H:%M}"
        rows.append(
            (
                Cell(str(rank), number=True),
                Cell(one.name),
                Cell(one.enterprise or words("word.none")),
                Cell(_share(one.probability), number=True),
                Cell(span),
                *(Cell(f"{bits[k]:+.1f}" if k in bits else "—", number=True) for k in kinds),
                Cell(f"{sum(bits.values()):+.1f}", number=True),
            )
        )
    head = words.head("rank", "outfall", "enterprise", "probability", "release")
    return Table(head=(*head, *kinds, *words.head("total_bits")), rows=tuple(rows))


def _chart(curve: TraceCurve, words: Words) -> Chart:
    def said(values: Sequence[float | None]) -> tuple[str | None, ...]:
        return tuple(None if v is None else f"{v:.3g}" for v in values)

    return Chart(
        kind="line",
        title=words("trace.curve", name=curve.section, outfall=curve.outfall),
        labels=tuple(
            f"{in_city(at):%d日%H时}" if words.language == "zh" else f"{in_city(at):%d %H:00}"
            for at in curve.times
        ),
        series=(
            Series(words("trace.measured"), said(curve.measured)),
            Series(words("trace.reckoned"), said(curve.median)),
            Series(words("trace.low"), said(curve.low)),
            Series(words("trace.high"), said(curve.high)),
        ),
        unit=curve.unit,
        limit=curve.limit,
    )


def _sampling(facts: TraceFacts, words: Words) -> list[Paragraph]:
    taken = (
        words.sentence("trace.sample_taken", n=words.count(facts.samples, "sample", None))
        if facts.samples
        else words.sentence("trace.sample_none")
    )
    wanted = facts.next_sample
    return [taken, *([words.sentence("trace.sample_next", **wanted)] if wanted else [])]


def _caveats(facts: TraceFacts, words: Words) -> list[Paragraph]:
    if not facts.caveats:
        return [words.sentence("trace.no_caveat")]
    return [Paragraph((Text(caveat),)) for caveat in facts.caveats]
