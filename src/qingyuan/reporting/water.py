"""Water in a bulletin (水环境): classes against targets, item by item, day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from qingyuan.core.factors import factor
from qingyuan.core.quantities import plain, round_gbt8170
from qingyuan.reporting.document import (
    Cell,
    Chart,
    Link,
    Paragraph,
    Section,
    Series,
    Table,
    Text,
    rows_link,
)
from qingyuan.reporting.wording import Words
from qingyuan.standards.classes import CLASSES as _NAMED
from qingyuan.standards.classes import WORSE

__all__ = [
    "CLASSES",
    "SectionClass",
    "class_matrix",
    "over_text",
    "water_section",
    "water_sentence",
    "water_table",
    "water_tags",
    "water_totals",
]

CLASSES = (*_NAMED, WORSE)


@dataclass(frozen=True, slots=True)
class SectionClass:
    """One section's class over a period (断面); ``None`` without data.

    `over` holds factor code and unrounded multiple of what is worse than the *target* class;
    `hours` the valid hours; `days` the class of each day of the period, None where there is none.
    """

    code: str
    name: str
    district: str
    target: str
    water_class: str | None
    over: tuple[tuple[str, Decimal], ...] = ()
    hours: int = 0
    name_en: str = ""
    district_en: str = ""
    days: tuple[str | None, ...] = ()
    year_ago: str | None = None

    @property
    def is_worse(self) -> bool:
        """Whether the class is worse than the target; a section without data is not said to be."""
        return self.water_class is not None and CLASSES.index(self.water_class) > CLASSES.index(
            self.target
        )


def water_totals(sections: Sequence[SectionClass]) -> dict[str, int]:
    """Return the figures; each is the number of rows that carry its tag."""
    classes = Counter(s.water_class for s in sections)
    return {
        "sections": len(sections),
        "sections_no_data": classes[None],
        "sections_over_target": sum(s.is_worse for s in sections),
        **{f"class_{c}": classes[c] for c in CLASSES},
    }


def water_tags(section: SectionClass) -> tuple[str, ...]:
    """Return what a figure may count this section under."""
    return (f"class:{section.water_class or 'none'}", *(("over",) if section.is_worse else ()))


def water_sentence(totals: Mapping[str, int], words: Words, *, when: str) -> Paragraph:
    """Say how many sections there are in each class; what has no data is said, never counted as good."""
    parts = [
        words.runs(
            "water.of_class",
            cls=c,
            n=words.count(totals[f"class_{c}"], "section", rows_link("water", f"class:{c}")),
        )
        for c in CLASSES
        if totals[f"class_{c}"]
    ]
    if totals["sections_no_data"]:
        figure = words.count(
            totals["sections_no_data"], "section", rows_link("water", "class:none")
        )
        parts.append(words.runs("water.without_data", n=figure))
    if not totals["sections"]:
        return words.sentence("water.nothing")
    return words.sentence(
        "water.said",
        when=words(f"when.{when}"),
        all=words.count(totals["sections"], "section", rows_link("water")),
        parts=words.listed(parts),
        over=words.count(totals["sections_over_target"], "section", rows_link("water", "over")),
    )


def ordered(sections: Sequence[SectionClass]) -> list[SectionClass]:
    """Return the sections, those worse than their target first."""

    def key(section: SectionClass) -> tuple[int, int, str]:
        rank = CLASSES.index(section.water_class) if section.water_class else -1
        return (0 if section.is_worse else 1, -rank, section.code)

    return sorted(sections, key=key)


def over_text(over: Sequence[tuple[str, Decimal]], words: Words) -> str:
    """Say the items beyond the target with their multiples to two places; DO and pH have none."""
    return words.joined(
        words.name(factor(code).zh, factor(code).en)
        + (words("water.times", n=plain(round_gbt8170(multiple, 2))) if multiple > 0 else "")
        for code, multiple in over
    )


def water_table(
    sections: Sequence[SectionClass], words: Words, *, caption: str, with_year_ago: bool = False
) -> Table:
    """Return the sections as rows; `caption` is a phrase key."""
    rows = []
    for s in ordered(sections):
        said = over_text(s.over, words)
        row = [
            Cell(words.name(s.name, s.name_en), Link.to("section", code=s.code)),
            words.cell(words.name(s.district, s.district_en)),
            Cell(s.target),
            Cell(s.water_class or words("word.no_data"), mark=s.water_class or ""),
            Cell(said or "—", mark="over" if said else ""),
            Cell(str(s.hours), number=True),
        ]
        if with_year_ago:
            row.insert(4, Cell(s.year_ago or words("word.no_data"), mark=s.year_ago or ""))
        rows.append(tuple(row))
    named = ["section", "district", "target", "class", "over", "hours"]
    if with_year_ago:
        named.insert(4, "class_year_ago")
    return Table(
        words.head(*named),
        tuple(rows),
        caption=words(caption),
        empty=words("water.nothing"),
        name="water",
        tags=tuple(water_tags(s) for s in ordered(sections)),
    )


def class_matrix(sections: Sequence[SectionClass], labels: Sequence[str], words: Words) -> Chart:
    """Return sections by days with the class in each cell; a day without data stays empty."""
    return Chart(
        kind="matrix",
        title=words("water.chart_matrix"),
        labels=tuple(labels),
        series=tuple(
            Series(words.name(s.name, s.name_en), s.days, tuple(d or "" for d in s.days))
            for s in sorted(sections, key=lambda s: s.code)
        ),
        source=words("water.source"),
    )


def water_section(
    sections: Sequence[SectionClass],
    words: Words,
    *,
    index: int,
    when: str,
    labels: Sequence[str] = (),
    with_year_ago: bool = False,
) -> tuple[Section, Mapping[str, int]]:
    """Return the part about water of a weekly or monthly bulletin, and its totals."""
    totals = water_totals(sections)
    said = [water_sentence(totals, words, when=when)]
    worse = [s for s in ordered(sections) if s.is_worse]
    if worse:
        named = words.listed(
            words.runs(
                "water.worse_one",
                name=Text(
                    words.name(s.name, s.name_en), Link.to("section", code=s.code), strong=True
                ),
                cls=s.water_class or "",
                target=s.target,
                over=over_text(s.over, words) or words("word.none"),
            )
            for s in worse
        )
        said.append(words.sentence("water.worse", named=named))
    charts = (class_matrix(sections, labels, words),) if labels and sections else ()
    part = Section(
        words.heading(index, "water.heading"),
        tuple(said),
        (water_table(sections, words, caption="water.table_period", with_year_ago=with_year_ago),),
        charts,
    )
    return part, MappingProxyType(totals)
