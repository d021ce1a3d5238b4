"""Surface water (地表水): the class of an item, of a section, and what made it so.

Single-factor evaluation by GB 3838-2002 and 环办〔2011〕22号. Values are unrounded and in the unit
of the limit (mg/L); a value equal to a limit is inside it. Classing a value that was rounded for
display gives wrong classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from qingyuan.core.problems import Problem
from qingyuan.core.quantities import round_gbt8170
from qingyuan.standards.classes import CLASSES, WORSE, class_name, class_rank, worst_class
from qingyuan.standards.documents import Document, document_at
from qingyuan.standards.items import find_item, item
from qingyuan.standards.limits import Limit, limit_of

__all__ = [
    "Grade",
    "Over",
    "SectionClass",
    "class_of",
    "evaluate",
    "grade_of",
    "limit",
    "saturation",
]

_CONDITION = {"river": "河流", "lake": "湖库"}
_SATURATION = "饱和率"


@dataclass(frozen=True, slots=True)
class Over:
    """One item beyond the limit of a class (超标项目); DO and pH have no multiple."""

    factor: str
    item: str
    value: Decimal
    cls: str
    multiple: Decimal | None
    limit: Limit


@dataclass(frozen=True, slots=True)
class SectionClass:
    """The class of a section (断面水质类别) and the reasons.

    ``cls`` is None when no item could be judged; ``per_item`` maps item names to classes; ``over``
    holds the items beyond the *target* class, the worst first; ``main_pollutants`` is the text of
    a bulletin, empty unless the section is worse than Ⅲ; ``marks`` what is unverified in the rules.
    """

    cls: str | None
    per_item: Mapping[str, str]
    over: tuple[Over, ...]
    main_pollutants: str
    target: str
    rule_set: str
    marks: tuple[str, ...] = ()

    @property
    def meets_target(self) -> bool | None:
        """Whether the section meets its target class; None without a class."""
        return None if self.cls is None else class_rank(self.cls) <= class_rank(self.target)


@dataclass(frozen=True, slots=True)
class Grade:
    """What a class is called and coloured in a bulletin (水质状况)."""

    name: str
    colour: str


def class_of(
    given: str,
    value: Decimal,
    *,
    at: date,
    water_type: str = "river",
    saturation_percent: Decimal | None = None,
) -> str:
    """Return the class of one item, Ⅰ to 劣Ⅴ.

    Parameters
    ----------
    given : str
        The item by HJ 212 code, Chinese name or symbol.
    value : Decimal
        Unrounded, in the limit's unit.
    at : date
        The sample's date: it chooses the document.
    water_type : str
        ``river`` or ``lake``; it matters for 总磷, and 总氮 is judged in lakes only.
    saturation_percent : Decimal, optional
        Dissolved oxygen as share of saturation. Only when given, 90 % makes class Ⅰ too; the
        national platform does not use it.

    Raises
    ------
    Problem
        ``standards.unknown_item``, ``standards.unknown_water_type``, ``standards.not_in_force``,
        or ``standards.no_limit`` when the document does not judge the item in such water.
    """
    known = item(given)
    document = document_at("surface-water", at)
    for cls, bound in _ladder(document, known.name, water_type):
        if bound.allows(value):
            return cls
        if cls == CLASSES[0] and _is_saturated(document, known.name, saturation_percent):
            return cls
    return WORSE


def limit(given: str, cls: str | int, *, at: date, water_type: str = "river") -> Limit:
    """Return the limit of an item in a class, chosen by the sample's date.

    Raises
    ------
    Problem
        As `class_of`; ``standards.unknown_class`` also for 劣Ⅴ, which has no limit.
    """
    known, name = item(given), class_name(cls)
    document = document_at("surface-water", at)
    if name == WORSE:
        raise Problem(
            "standards.unknown_class",
            document=document.document,
            given=cls,
            known=" ".join(CLASSES),
        )
    return dict(_ladder(document, known.name, water_type))[name]


def evaluate(
    values: Mapping[str, Decimal | None],
    *,
    at: date,
    water_type: str = "river",
    target: str | int = "Ⅲ",
    scope: str = "online",
    do_saturation: bool = False,
) -> SectionClass:
    """Evaluate a section by its worst item (单因子评价).

    Parameters
    ----------
    values : mapping of str to Decimal or None
        By HJ 212 code, name or symbol; None and items outside *scope* take no part.
    at, water_type
        As in `class_of`.
    target : str
        The section's target class; ``over`` is measured against it.
    scope : str
        ``online``: the five items of the national platform; ``section``: the 21 items of the
        method.
    do_saturation : bool
        Judge dissolved oxygen by saturation too, from the water temperature among *values*.
    """
    document = document_at("surface-water", at)
    rules = document_at("water-evaluation", at)
    share = _saturation_in(document, values, at) if do_saturation else None
    judged: dict[str, Decimal] = {}
    for given, value in values.items():
        known = find_item(given)
        if value is not None and known is not None and known.name in rules.more["items"][scope]:
            judged[known.name] = value
    per_item = {
        name: class_of(name, value, at=at, water_type=water_type, saturation_percent=share)
        for name, value in judged.items()
    }
    goal, third = class_name(target), str(rules.more["main_pollutants"]["worse_than"])
    return SectionClass(
        cls=worst_class(*per_item.values()) if per_item else None,
        per_item=per_item,
        over=_over(judged, per_item, goal, document, rules, water_type),
        main_pollutants=_said(_over(judged, per_item, third, document, rules, water_type), rules),
        target=goal,
        rule_set=f"{document.document}+{rules.document}/{scope}",
        marks=tuple(mark for mark in (document.mark, rules.mark) if mark),
    )


def grade_of(cls: str, *, at: date) -> Grade:
    """Return the grade of a class: Ⅲ → 良好, 绿色 (环办〔2011〕22号)."""
    return Grade(*document_at("water-evaluation", at).more["grades"][class_name(cls)])


def saturation(do: Decimal, temperature: Decimal, *, at: date) -> Decimal:
    """Return dissolved oxygen as percent of saturation in fresh water at *temperature* ℃."""
    formula = document_at("surface-water", at).more["saturation"]
    full = Decimal(formula["numerator"]) / (Decimal(formula["offset"]) + temperature)
    return 100 * do / full


@cache
def _ladder(document: Document, name: str, water_type: str) -> tuple[tuple[str, Limit], ...]:
    """Return the limits of an item from Ⅰ to Ⅴ in this kind of water."""
    if water_type not in _CONDITION:
        raise Problem("standards.unknown_water_type", given=water_type)
    conditions = ("", _CONDITION[water_type])
    rows = [row for row in document.rows if row.item == name and row.condition in conditions]
    if not rows:
        raise Problem(
            "standards.no_limit",
            document=document.document,
            item=name,
            detail=_CONDITION[water_type],
        )
    return tuple(
        (cls, limit_of(document, [row for row in rows if row.cls == cls])) for cls in CLASSES
    )


def _is_saturated(document: Document, name: str, percent: Decimal | None) -> bool:
    return percent is not None and any(
        percent >= row.value
        for row in document.rows
        if row.item == name and row.condition == _SATURATION
    )


def _saturation_in(
    document: Document, values: Mapping[str, Decimal | None], at: date
) -> Decimal | None:
    formula = document.more["saturation"]
    found = {
        known.name: value
        for given, value in values.items()
        if value is not None and (known := find_item(given)) is not None
    }
    if formula["item"] not in found or formula["temperature"] not in found:
        return None
    return saturation(found[formula["item"]], found[formula["temperature"]], at=at)


def _over(
    judged: Mapping[str, Decimal],
    per_item: Mapping[str, str],
    goal: str,
    document: Document,
    rules: Document,
    water_type: str,
) -> tuple[Over, ...]:
    """Return the items worse than *goal*: the worst class first, then the largest multiple."""
    found = []
    for name, cls in per_item.items():
        if class_rank(cls) > class_rank(goal):
            bound = dict(_ladder(document, name, water_type))[goal]
            has_multiple = name not in rules.more["main_pollutants"]["without_multiple"]
            multiple = bound.multiple(judged[name]) if has_multiple else None
            found.append(Over(item(name).code, name, judged[name], cls, multiple, bound))
    return tuple(
        sorted(found, key=lambda over: (-class_rank(over.cls), -(over.multiple or Decimal(0))))
    )


def _said(over: tuple[Over, ...], rules: Document) -> str:
    """Write the main pollutants: cyanide and heavy metals first, at most three."""
    rule = rules.more["main_pollutants"]
    ordered = sorted(over, key=lambda one: one.item not in rule["first"])  # stable
    return "、".join(_with_multiple(one, rule["places"]) for one in ordered[: rule["most"]])


def _with_multiple(over: Over, places: int) -> str:
    if over.multiple is None:
        return over.item
    rounded = round_gbt8170(over.multiple, places)
    if not rounded:  # 0.04 倍不写成 0.0
        rounded = round_gbt8170(over.multiple, places + 1)
    return f"{over.item}({rounded})"
