"""Indices and classes explained (指数与类别的说明): the rule, the clause and the numbers written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from qingyuan.core.explanation import Explanation, Input, Said
from qingyuan.core.periods import Period
from qingyuan.core.quantities import plain, round_gbt8170
from qingyuan.standards import aqi, water
from qingyuan.standards.documents import document_at
from qingyuan.standards.items import find_item

__all__ = ["explain_class", "explain_index"]

_MISSING = Said("缺测或无效", "missing or invalid")
_NOT_PLANNED = Said("不在监测计划内", "not in the monitoring plan")
_PLACES = 6
_NOT_JUDGED = Said("不参与类别评价", "takes no part in the class")


def explain_index(
    values: Mapping[str, Decimal | None],
    *,
    period: str,
    rules: aqi.RuleSet,
    not_planned: Sequence[str] = (),
    subject: str = "",
    span: Period | None = None,
    parts: Mapping[str, Explanation] | None = None,
) -> Explanation:
    """Explain an AQI: every sub-index, the largest, the primary pollutants, NA.

    ``parts`` explains the concentrations themselves, by series, where the caller knows how they
    came about; otherwise as `aqi.evaluate`.
    """
    found = aqi.evaluate(values, period=period, rules=rules, not_planned=not_planned)
    ladders = rules.ladders[period]
    known = {name: index for name, index in found.sub_indices.items() if index is not None}
    steps = []
    if known:
        listed = ", ".join(str(index) for index in known.values())
        steps.append(Said(f"AQI = 各分指数最大值 max({listed}) = {found.aqi}",
                          f"AQI = the largest sub-index, max({listed}) = {found.aqi}"))  # fmt: skip
    if found.primary:
        names = "、".join(found.primary)
        steps.append(Said(f"AQI > {rules.primary_above}，首要污染物为分指数最大者（并列全列）：{names}",
                          f"AQI > {rules.primary_above}: primary are all with the largest sub-index: {names}"))  # fmt: skip
    if not found.is_published:
        gaps = "、".join((*found.missing, *found.beyond))
        steps.append(Said(f"有项目缺测（{gaps}）且 AQI 不大于 {rules.publish_above}：不发布，写 NA",
                          f"items are missing ({gaps}) and AQI is not above {rules.publish_above}: NA"))  # fmt: skip
    inputs = [
        Input(
            ladders[name].item,
            None if values.get(name) is None else _shown(values[name] or Decimal(0)),
            ladders[name].unit,
            reason=_NOT_PLANNED if name in not_planned else _MISSING if name not in known else None,
        )
        for name in ladders
    ]
    return Explanation(
        what=Said("空气质量指数", "air quality index"),
        value=str(found.aqi) if found.is_published else "NA" if found.aqi is not None else None,
        subject=subject,
        period=span,
        rule_set=rules.id,
        document=rules.document.document,
        clause=str(rules.document.more["rounding"]["clause"]),
        steps=steps,
        inputs=inputs,
        parts=[_sub_index(name, values, period, rules, (parts or {}).get(name)) for name in known],
        marks=rules.marks,
    )


def _sub_index(
    name: str,
    values: Mapping[str, Decimal | None],
    period: str,
    rules: aqi.RuleSet,
    part: Explanation | None,
) -> Explanation:
    series, ladder = name, rules.ladders[period][name]
    value = values[name]
    steps = []
    if (
        value is not None
        and ladder.sub_index(ladder.units(value)) is None
        and name in rules.instead[period]
    ):
        series, ladder = rules.instead[period][name]
        steps.append(
            Said(
                f"高于本档上限，改按 {ladder.condition} 计算",
                f"beyond its ladder: {ladder.condition} speaks",
            )
        )
    given = values[series]
    assert given is not None
    units = ladder.units(given)
    rounded = plain(round_gbt8170(given, ladder.places))
    steps.append(
        Said(
            f"浓度先修约（GB/T 8170）：{_shown(given)} → {rounded}",
            f"rounded first (GB/T 8170): {_shown(given)} → {rounded}",
        )
    )
    steps += _formula(ladder, units)
    return Explanation(
        what=Said(f"{ladder.item}分指数", f"sub-index of {ladder.item}"),
        value=str(ladder.sub_index(units)),
        rule_set=rules.id,
        document=rules.document.document,
        clause=ladder.clause,
        steps=steps,
        inputs=[Input(f"{ladder.item}{ladder.condition}", _shown(given), ladder.unit)],
        parts=[part] if part else [],
    )


def _shown(value: Decimal) -> str:
    """Return the value in full, or its first places and an ellipsis."""
    text = plain(value)
    whole, _, places = text.partition(".")
    return f"{whole}.{places[:_PLACES]}…" if len(places) > 2 * _PLACES else text


def _formula(ladder: aqi.Ladder, units: int) -> Iterator[Said]:
    place = Decimal(1).scaleb(-ladder.places)
    for (below, low), (above, high) in pairwise(ladder.steps):
        if units <= above:
            text = (
                f"({high}−{low})÷({plain(above * place)}−{plain(below * place)})"
                f"×({plain(units * place)}−{plain(below * place)})+{low}"
            )
            exact = low + Fraction((high - low) * (units - below), above - below)
            shown = f"{float(exact):.4g}" if exact.denominator > 1 else str(exact)
            up = ladder.sub_index(units)
            yield Said(f"{text} = {shown}，向上进位 → {up}", f"{text} = {shown}, rounded up → {up}")
            return
    top = ladder.top
    yield Said(f"高于末档，按 {top}", f"above the last step: {top}")


def explain_class(
    values: Mapping[str, Decimal | None],
    *,
    at: date,
    water_type: str = "river",
    target: str | int = "Ⅲ",
    scope: str = "online",
    do_saturation: bool = False,
    subject: str = "",
    span: Period | None = None,
    parts: Sequence[Explanation] = (),
) -> Explanation:
    """Explain the class of a section: every item against the limits, the worst, the main pollutants."""
    found = water.evaluate(
        values,
        at=at,
        water_type=water_type,
        target=target,
        scope=scope,
        do_saturation=do_saturation,
    )
    surface, rules = document_at("surface-water", at), document_at("water-evaluation", at)
    items = []
    inputs = []
    for given, value in values.items():
        known = find_item(given)
        name = known.name if known else given
        judged = value is not None and name in found.per_item
        reason = None if judged else _MISSING if value is None else _NOT_JUDGED
        text = None if value is None else _shown(value)
        inputs.append(Input(name, text, reason=reason))
        if judged and value is not None:
            items.append(_item(name, value, found.per_item[name], at, water_type))
    steps = []
    if found.cls:
        worst = "、".join(name for name, cls in found.per_item.items() if cls == found.cls)
        steps.append(
            Said(
                f"单因子评价，取最差项目：{worst} → {found.cls}",
                f"the worst item decides: {worst} → {found.cls}",
            )
        )
    if found.main_pollutants:
        steps.append(
            Said(
                f"劣于Ⅲ类，主要污染指标：{found.main_pollutants}",
                f"worse than Ⅲ, main pollutants: {found.main_pollutants}",
            )
        )
    return Explanation(
        what=Said("水质类别", "water-quality class"),
        value=found.cls,
        subject=subject,
        period=span,
        rule_set=found.rule_set,
        document=surface.document,
        clause="表1",
        steps=steps,
        inputs=inputs,
        parts=[*items, *parts],
        marks=tuple(mark for mark in (surface.mark, rules.mark) if mark),
    )


def _item(name: str, value: Decimal, cls: str, at: date, water_type: str) -> Explanation:
    steps = []
    if cls != "劣Ⅴ":
        limit = water.limit(name, cls, at=at, water_type=water_type)
        steps.append(
            Said(
                f"{_shown(value)} 在{cls}类限值 {limit.text} 之内",
                f"{_shown(value)} is within {cls}: {limit.text}",
            )
        )
    if cls != "Ⅰ":
        better = "Ⅴ" if cls == "劣Ⅴ" else "ⅠⅡⅢⅣⅤ"["ⅠⅡⅢⅣⅤ".index(cls) - 1]
        limit = water.limit(name, better, at=at, water_type=water_type)
        steps.append(
            Said(f"不在{better}类限值 {limit.text} 之内", f"not within {better}: {limit.text}")
        )
    kind = {"river": Said("河流", "river"), "lake": Said("湖库", "lake")}[water_type]
    return Explanation(
        what=Said(f"{name}类别（{kind.zh}）", f"class of {name} ({kind.en})"),
        value=cls,
        rule_set="GB 3838-2002",
        document="GB 3838-2002",
        clause="表1",
        steps=steps,
        inputs=[Input(name, _shown(value))],
    )
