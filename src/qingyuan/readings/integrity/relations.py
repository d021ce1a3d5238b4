"""Relations (因子关系): a part above its whole, a load unlike flow times strength, a bond that is lost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from qingyuan.readings.integrity.chance import binomial_bits, likeness, surprise
from qingyuan.readings.integrity.doubt import Doubt, doubt_about
from qingyuan.readings.integrity.rules import Relation
from qingyuan.readings.integrity.series import Floats, Series, Site

__all__ = ["find_broken", "find_parted"]


def find_broken(
    site: Site, relations: Sequence[Relation], rule: Mapping[str, float]
) -> list[Doubt]:
    """Find relations of the table that do not hold in too many hours (因子关系不成立)."""
    found = []
    for relation in relations:
        if relation.kind == "together":
            continue
        a, b = site.series.get(relation.a), site.series.get(relation.b)
        c = site.series.get(relation.c) if relation.c else None
        if a is None or b is None or (relation.c and c is None):
            continue
        odd = _odd(relation, a.values, b.values, None if c is None else c.values)
        told = _told(site, a, b, relation, odd, rule)
        if told is not None:
            found.append(told)
    return found


def _odd(relation: Relation, a: Floats, b: Floats, c: Floats | None) -> np.ndarray:
    """Return 1 where the relation fails by more than measuring allows, 0 where it holds, −1 unknown."""
    whole = relation.factor * b * (1.0 if c is None else c)
    known = ~np.isnan(a) & ~np.isnan(whole)
    allowed = relation.relative * np.abs(whole) + relation.absolute
    gap = a - whole if relation.kind == "order" else np.abs(a - whole)
    with np.errstate(invalid="ignore"):
        return np.where(known, (gap > allowed).astype(int), -1)


def _told(
    site: Site, a: Series, b: Series, relation: Relation, odd: np.ndarray, rule: Mapping[str, float]
) -> Doubt | None:
    per_visit = max(1, a.steps(rule["visit_hours"]))
    now = odd[site.window]
    hits, known = int((now == 1).sum()), int((now >= 0).sum())
    if not hits or known < rule["least_count"]:
        return None
    # hours in a row are one fault, not many
    bits = binomial_bits(
        math.ceil(hits / per_visit), math.ceil(known / per_visit), rule["tolerated_share"]
    )
    on = [site.window.start + int(i) for i in np.flatnonzero(now == 1)]
    return doubt_about(
        "relation",
        site.station,
        a,
        slice(on[0], on[-1] + 1),
        statistic=hits / known,
        bits=bits,
        needed=rule["needed_bits"],
        rests_on=on,
        beside=[(b.factor, b)],
        clause=f"{relation.clause}（{relation.mark}）",
        others=tuple(code for code in (relation.b, relation.c) if code),
        values={
            "a": relation.a,
            "b": relation.b,
            "hits": str(hits),
            "known": str(known),
            "share": f"{100 * hits / known:.0f}",
        },
    )


def find_parted(
    site: Site, relations: Sequence[Relation], rule: Mapping[str, float]
) -> list[Doubt]:
    """Find days on which two factors that always move together do not (同步变化消失)."""
    found = []
    for relation in relations:
        a, b = site.series.get(relation.a), site.series.get(relation.b)
        if relation.kind != "together" or a is None or b is None:
            continue
        length = a.steps(rule["block_hours"])
        now = _likeness(a, b, site.window, length=length, stride=length // 4)
        past = _likeness(a, b, slice(0, site.window.start), length=length, stride=length // 2)
        if not now or not past:
            continue
        usual = float(np.nanmedian([z for _, z in past])) if past else np.nan
        if np.isnan(usual) or math.tanh(usual) < rule["least_usual"]:
            continue
        block, least = min(now, key=lambda pair: pair[1])
        known = likeness(
            -np.array([z for _, z in past]), least_spread=1 / math.sqrt(max(1, length / 6 - 3))
        )
        told = surprise(-least, known, tests=max(1.0, len(now) / 3))
        if told is None or math.tanh(least) > rule["at_most"]:
            continue
        found.append(
            doubt_about(
                "parted",
                site.station,
                a,
                block,
                statistic=math.tanh(least),
                bits=told[1],
                needed=rule["needed_bits"],
                beside=[(b.factor, b)],
                clause=f"{relation.clause}（{relation.mark}）",
                others=(relation.b,),
                values={
                    "a": relation.a,
                    "b": relation.b,
                    "correlation": f"{math.tanh(least):.2f}",
                    "usual": f"{math.tanh(usual):.2f}",
                    "hours": f"{rule['block_hours']:g}",
                },
            )
        )
    return found


def _likeness(
    a: Series, b: Series, steps: slice, *, length: int, stride: int
) -> list[tuple[slice, float]]:
    """Return Fisher's z of the correlation of logarithms, block by block."""
    found = []
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y = np.log(np.maximum(a.values, 1e-9)), np.log(np.maximum(b.values, 1e-9))
    for at in range(steps.start, steps.stop - length + 1, max(1, stride)):
        block = slice(at, at + length)
        known = ~np.isnan(x[block]) & ~np.isnan(y[block])
        if known.sum() < 0.6 * length:
            continue
        p, q = x[block][known], y[block][known]
        if p.std() < 1e-9 or q.std() < 1e-9:
            continue  # a constant goes with nothing; `stuck` looks after it
        r = float(np.corrcoef(p, q)[0, 1])
        found.append((block, math.atanh(max(-0.999, min(0.999, r)))))
    return found
