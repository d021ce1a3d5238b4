"""Monthly ranking (月度排名): segments' classes, district scores, and money where a city moves it.

All numbers are one city's data (`read_road_classes`); what a city has not published, it must bring.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from qingyuan.core.problems import Problem
from qingyuan.hotspots.classes import CLASSES, RoadClasses

__all__ = ["DistrictScore", "Month", "Transfer", "district_scores", "month_of", "transfers_of"]

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Month:
    """One segment's month (路段月值): its district, mean of pass means in µg/m³, passes and days."""

    segment: str
    district: str
    mean: Decimal
    passes: int
    days: int


@dataclass(frozen=True)
class DistrictScore:
    """A district's month (区县得分): means, improvement in percent, the two parts, score and rank.

    Without a month before, ``improvement`` is None and the state alone makes the score.
    """

    district: str
    segments: int
    classes: Mapping[str, int]
    mean: Decimal
    improvement: Decimal | None
    state_score: Decimal
    improvement_score: Decimal | None
    score: Decimal
    rank: int


@dataclass(frozen=True)
class Transfer:
    """What a district pays (negative) or receives, yuan (资金), and the rows it is made of."""

    district: str
    rows: tuple[tuple[str, int, Decimal], ...]
    total: Decimal


def month_of(
    rows: Sequence[Month], rules: RoadClasses, *, least_passes: int = 8, least_days: int = 4,
    named_by_city: Sequence[str] = (), named_above: Sequence[str] = (),
) -> dict[str, tuple[int, str]]:  # fmt: skip
    """Return rank and class of every segment that has data enough.

    How much is enough no city has published; four days of drives are what Messier et al. (2018)
    found useful. Overrides by inspection are those of `RoadClasses.of_month`.
    """
    enough = {r.segment: float(r.mean) for r in rows if _enough(r, least_passes, least_days)}
    return rules.of_month(enough, named_by_city=named_by_city, named_above=named_above)


def _enough(row: Month, least_passes: int, least_days: int) -> bool:
    return row.passes >= least_passes and row.days >= least_days


def district_scores(
    rows: Sequence[Month], rules: RoadClasses, *, before: Sequence[Month] = (),
    classes: Mapping[str, tuple[int, str]] | None = None, least_passes: int = 8, least_days: int = 4,
) -> list[DistrictScore]:  # fmt: skip
    """Score districts by state and improvement, each by efficacy coefficient (功效系数法).

    A part is ``floor + span · (worst − own) / (worst − best)`` over the districts compared; where
    all are equal each gets the whole. Districts whose units are ranked apart are passed apart; one
    without a segment that has data enough is not ranked. Highest score first; equal scores share
    the rank.
    """
    now = _means(rows, least_passes, least_days)
    if not now:
        return []
    earlier = _means(before, least_passes, least_days)
    classes = classes if classes is not None else month_of(rows, rules, least_passes=least_passes, least_days=least_days)  # fmt: skip
    better = {
        d: (earlier[d] - mean) / earlier[d] * 100 for d, mean in now.items() if earlier.get(d)
    }
    floor, span = Decimal(rules.score["floor"]), Decimal(rules.score["span"])
    state = _efficacy({d: -m for d, m in now.items()}, floor, span)
    gain = _efficacy(better, floor, span)
    counts: dict[str, dict[str, int]] = {d: dict.fromkeys(CLASSES, 0) for d in now}
    for row in rows:
        if row.segment in classes and row.district in counts:
            counts[row.district][classes[row.segment][1]] += 1
    total = {d: _rounded(_weighed(state[d], gain.get(d), rules)) for d in now}
    order = sorted(now, key=lambda d: (-total[d], d))
    return [
        DistrictScore(
            d, sum(counts[d].values()), counts[d], _rounded(now[d]),
            _rounded(better[d]) if d in better else None, _rounded(state[d]),
            _rounded(gain[d]) if d in gain else None, total[d],
            1 + sum(total[o] > total[d] for o in now),
        )
        for d in order
    ]  # fmt: skip


def _means(rows: Sequence[Month], least_passes: int, least_days: int) -> dict[str, Decimal]:
    """Return the mean over the segments of each district that have data enough."""
    found: dict[str, list[Decimal]] = defaultdict(list)
    for row in rows:
        if _enough(row, least_passes, least_days):
            found[row.district].append(Decimal(row.mean))
    return {d: sum(values, Decimal(0)) / len(values) for d, values in found.items()}


def _efficacy(values: Mapping[str, Decimal], floor: Decimal, span: Decimal) -> dict[str, Decimal]:
    if not values:
        return {}
    worst, best = min(values.values()), max(values.values())
    if worst == best:
        return dict.fromkeys(values, floor + span)
    return {d: floor + span * (v - worst) / (best - worst) for d, v in values.items()}


def _weighed(state: Decimal, gain: Decimal | None, rules: RoadClasses) -> Decimal:
    if gain is None:
        return state
    return Decimal(rules.score["state"]) * state + Decimal(rules.score["improvement"]) * gain


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_CENT, rounding=ROUND_HALF_EVEN)


def transfers_of(
    scores: Sequence[DistrictScore], rules: RoadClasses, *, rates: Mapping[str, Decimal] | None = None,
    on: bool | None = None,
) -> list[Transfer] | None:  # fmt: skip
    """Calculate what each district pays and receives; None where the city moves no money.

    Parameters
    ----------
    scores : sequence of DistrictScore
        Of one month.
    rates : mapping
        Yuan per segment of each class, and ``improvement_1`` … for the places in improvement; never
        negative. No table ships with amounts: none were published.
    on : bool, optional
        Overrules the table, which has it off.

    Raises
    ------
    Problem
        ``hotspots.no_rates`` if it is on and there are no amounts.
    """
    rule = rules.transfer
    if not (bool(rule.get("on")) if on is None else on):
        return None
    if not rates:
        raise Problem("hotspots.no_rates", table=rules.name)
    places = int(rule.get("improvement_places", 0))
    ahead = sorted(
        (s for s in scores if s.improvement is not None and s.improvement > 0),
        key=lambda s: (-(s.improvement or Decimal(0)), s.district),
    )[:places]
    reward = {s.district: f"improvement_{k}" for k, s in enumerate(ahead, start=1)}
    out = []
    for s in scores:
        rows = [(c, s.classes[c], -rates.get(c, Decimal(0)) * s.classes[c]) for c in rule["pays"]]
        rows += [
            (c, s.classes[c], rates.get(c, Decimal(0)) * s.classes[c]) for c in rule["receives"]
        ]
        if s.district in reward:
            rows.append((reward[s.district], 1, rates.get(reward[s.district], Decimal(0))))
        out.append(Transfer(s.district, tuple(rows), sum((r[2] for r in rows), Decimal(0))))
    return out
