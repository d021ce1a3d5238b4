"""Questions about doubts in the data (数据质量疑点): what was found, how sure, how it was judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from qingyuan.core.factors import factor as factor_of
from qingyuan.readings.integrity import Words, words_of
from qingyuan.web.accounts.scope import Scope
from qingyuan.web.signals.models import IntegrityNight, IntegrityRecord, Signal
from qingyuan.web.signals.selectors.console import Row, rows, signals
from qingyuan.web.signals.words import shown

__all__ = [
    "JUDGEMENTS",
    "DoubtRow",
    "counts_by_judgement",
    "doubt_rows",
    "doubts",
    "judged",
    "last_night",
    "picture",
]

# 疑点页的页签：未看、待核查、已建案、已排除
JUDGEMENTS: Mapping[str, Q] = {
    "new": Q(acknowledged_at=None),
    "checking": Q(acknowledged_at__isnull=False, case_ref="", false_at=None),
    "case": ~Q(case_ref=""),
    "ruled_out": Q(false_at__isnull=False),
    "all": Q(),
}


@dataclass(frozen=True, slots=True)
class DoubtRow:
    """A doubt with its words and the names a reader knows."""

    row: Row
    record: IntegrityRecord
    words: Words
    statistic: str
    others: tuple[str, ...]

    @property
    def signal(self) -> Signal:
        """The signal it is."""
        return self.row.signal

    @property
    def once_in(self) -> int | None:
        """In how many station-months as much shows once by accident; None beyond a million."""
        return round(2.0**self.record.bits) if self.record.bits < 20 else None


def doubts(
    scope: Scope, *, check: str = "", district: str = "", object_kind: str = "", station: str = ""
) -> QuerySet[Signal]:
    """Return the doubts a person may see, the newest window first."""
    kind, _sep, code = station.partition(":")
    wanted = {
        "integrity__check_kind": check,
        "district_code": district,
        "object_kind": object_kind or (kind if code else ""),
        "object_code": code,
    }
    return (
        signals(scope)
        .filter(kind=Signal.Kind.INTEGRITY, integrity__isnull=False)
        .filter(**{name: value for name, value in wanted.items() if value})
        .select_related("integrity")
    )


def judged(found: QuerySet[Signal], judgement: str) -> QuerySet[Signal]:
    """Narrow to one tab; an unknown name is the first."""
    return found.filter(JUDGEMENTS.get(judgement, JUDGEMENTS["new"]))


def counts_by_judgement(found: QuerySet[Signal]) -> dict[str, int]:
    """Return how many rows each tab holds."""
    named = {name: Count("pk", filter=q) for name, q in JUDGEMENTS.items() if name != "all"}
    return found.order_by().aggregate(**named, all=Count("pk"))


def doubt_rows(found: Iterable[Signal], *, at: datetime, english: bool) -> list[DoubtRow]:
    """Return doubts with their words in one language."""
    answer = []
    for row in rows(found, at=at, english=english):
        record = row.signal.integrity
        document = record.document
        names = [factor_of(code.partition(".")[0]) for code in document["others"]]
        answer.append(
            DoubtRow(
                row=row,
                record=record,
                words=words_of(record.check_kind, shown(document["values"]), english=english),
                statistic=f"{document['statistic']:.4g}",
                others=tuple(f.en if english else f.zh for f in names),
            )
        )
    return answer


def last_night() -> IntegrityNight | None:
    """Return the newest inspection of the city; None before the first."""
    return IntegrityNight.objects.order_by("-day").first()


def picture(record: IntegrityRecord, *, english: bool) -> dict[str, Any]:
    """Return the chart of a doubt: its series with the window marked, and what it is held against."""
    drawn = record.document["picture"]
    factor = factor_of(record.document["factor"])
    low, high = (datetime.fromisoformat(text) for text in drawn["band"])
    mark = _("需核查")
    series = []
    for line in drawn["lines"]:
        code, again, _rest = line["name"].partition("@")
        of = factor_of(code.partition(".")[0])
        name = of.en if english else of.zh
        points = []
        for text, value in line["points"]:
            at = datetime.fromisoformat(text)
            inside = not series and low <= at < high
            points.append(
                [round(at.timestamp() * 1000), None if value is None else f"{value:.6g}",
                 mark if inside else ""]
            )  # fmt: skip
        series.append({"name": _("雷同的往日") if again else name, "points": points})
    level = drawn.get("level")
    return {
        "title": factor.en if english else factor.zh,
        "unit": drawn["unit"],
        "limit": None
        if level is None
        else {"value": f"{level:g}", "standard": "", "class": "", "bound": "max"},
        "gap_minutes": 2 * drawn["stride_s"] // 60 + 10,
        "series": series,
    }
