"""Checks of an event (事件检查): what cannot be traced is refused by name, all faults at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from qingyuan.core.problems import Problem, Problems
from qingyuan.river.event import Event, Reach, Reading

__all__ = ["check_event", "find_cycle"]


_UNIT_APART = 100.0  # a section's usual level against its own limit


def check_event(event: Event, *, lines: Mapping[str, Sequence[int]] | None = None) -> None:
    """Raise all faults of *event* that would make a trace a guess.

    Parameters
    ----------
    lines : mapping, optional
        Table → line in its file of each row, where rows were left out; by default from 2 on.

    Raises
    ------
    Problems
        ``river.cycle``, ``river.unknown_reach``, ``river.off_network``, ``river.off_reach``,
        ``river.repeated_id``, ``river.outfall_twice``, ``river.not_positive``,
        ``river.reversed_flow``, ``river.negative``, ``river.unknown_section``,
        ``river.unknown_factor``, ``river.unit_mixup``, ``river.no_reading``,
        ``river.late_alarm``, ``river.bad_window``, ``river.outside_window``, ``river.no_outfall``.
    """
    Problems.raise_any(_faults(event, lines or {}))


def find_cycle(reaches: Iterable[Reach]) -> list[str]:
    """Return the reach ids of one loop in flow order, or an empty list if all reach an outlet."""
    to = {r.reach_id: r.to_reach_id for r in reaches}
    safe: set[str] = set()
    for start in to:
        trail: dict[str, int] = {}
        at = start
        while at and at not in safe:
            if at in trail:
                path = list(trail)
                return path[trail[at] :]
            trail[at] = len(trail)
            at = to.get(at, "")
        safe.update(trail)
    return []


def _find_cycles(reaches: Sequence[Reach]) -> list[list[str]]:
    """Return every loop once."""
    left, found = list(reaches), []
    while loop := find_cycle(left):
        found.append(loop)
        left = [r for r in left if r.reach_id not in loop]
    return found


def _faults(event: Event, lines: Mapping[str, Sequence[int]]) -> Iterator[Problem]:
    yield from _network_faults(event)
    alarm = event.alarm
    if event.start >= event.end:
        yield Problem("river.bad_window", start=event.start, end=event.end)
    elif not event.start <= alarm.first_exceeded <= event.end:
        yield Problem(
            "river.outside_window", first=alarm.first_exceeded, start=event.start, end=event.end
        )
    if alarm.first_exceeded > alarm.detected_at:
        yield Problem("river.late_alarm", first=alarm.first_exceeded, now=alarm.detected_at)
    if alarm.section not in {s.section_id for s in event.sections}:
        yield Problem("river.unknown_section", file="event.toml", row=0, given=alarm.section)
    if alarm.factor not in event.factors:
        yield Problem("river.unknown_factor", given=alarm.factor, known=", ".join(event.factors))
    elif not any(
        r.section_id == alarm.section and r.factor == alarm.factor and r.value is not None
        for r in event.readings
    ):
        yield Problem("river.no_reading", section=alarm.section, factor=alarm.factor)
    yield from _unit_faults(event, lines)
    known = {s.section_id for s in event.sections}
    strange = Counter(r.section_id for r in event.readings if r.section_id not in known)
    for name in strange:
        row = next(i for i, r in _numbered(event, lines) if r.section_id == name)
        yield Problem("river.unknown_section", file="readings.csv", row=row, given=name)
    for row, reading in _numbered(event, lines):
        if reading.value is not None and reading.value < 0:
            yield Problem(
                "river.negative",
                file="readings.csv",
                row=row,
                column="value",
                given=reading.value,
            )


def _numbered(event: Event, lines: Mapping[str, Sequence[int]]) -> Iterable[tuple[int, Reading]]:
    numbers = lines.get("readings") or range(2, len(event.readings) + 2)
    return zip(numbers, event.readings, strict=True)


def _unit_faults(event: Event, lines: Mapping[str, Sequence[int]]) -> Iterator[Problem]:
    """Refuse an alarm whose section usually reads a hundred times its own limit (µg/L as mg/L)."""
    alarm = event.alarm
    if alarm.limit is None or alarm.limit <= 0:
        return
    own = [
        (row, r.value)
        for row, r in _numbered(event, lines)
        if (r.section_id, r.factor) == (alarm.section, alarm.factor) and r.value is not None
    ]
    before = [value for _, value in own]
    if len(before) >= 3 and median(before) > _UNIT_APART * alarm.limit:
        yield Problem(
            "river.unit_mixup",
            file="readings.csv",
            row=own[0][0],
            section=alarm.section,
            factor=alarm.factor,
            level=f"{median(before):.4g}",
            limit=alarm.limit,
        )


def _network_faults(event: Event) -> Iterator[Problem]:
    ids = {r.reach_id: r for r in event.reaches}
    tables = (
        ("reaches.csv", [r.reach_id for r in event.reaches]),
        ("sections.csv", [s.section_id for s in event.sections]),
        ("outfalls.csv", [o.outfall_id for o in event.outfalls]),
    )
    for file, names in tables:
        for name, count in Counter(names).items():
            if count > 1:
                first, second = [i for i, n in enumerate(names, start=2) if n == name][:2]
                if file == "outfalls.csv":
                    one, other = (event.outfalls[i - 2].reach_id for i in (first, second))
                    if one != other:
                        yield Problem(
                            "river.outfall_twice",
                            file=file, row=second, name=name, reach=one, other=other, first=first,
                        )  # fmt: skip
                        continue
                yield Problem("river.repeated_id", file=file, row=second, given=name)
    if not event.outfalls:
        yield Problem("river.no_outfall")
    line = {r.reach_id: i for i, r in enumerate(event.reaches, start=2)}
    for loop in _find_cycles(event.reaches):
        yield Problem(
            "river.cycle",
            file="reaches.csv",
            row=min(line[name] for name in loop),
            reaches=" → ".join([*loop, loop[0]]),
        )
    for row, reach in enumerate(event.reaches, start=2):
        if reach.to_reach_id and reach.to_reach_id not in ids:
            yield Problem(
                "river.unknown_reach", file="reaches.csv", row=row, given=reach.to_reach_id
            )
        for column in ("length_m", "slope", "manning_n", "bottom_width_m", "flow_m3_s"):
            value = getattr(reach, column)
            if column == "flow_m3_s" and value < 0:
                yield Problem("river.reversed_flow", file="reaches.csv", row=row, given=value)
            elif value <= 0 and not (column in ("flow_m3_s", "slope") and reach.kind == "gate"):
                yield Problem(
                    "river.not_positive", file="reaches.csv", row=row, column=column, given=value
                )
    places = (
        ("sections.csv", [(s.section_id, s.reach_id, s.position_m) for s in event.sections]),
        ("outfalls.csv", [(o.outfall_id, o.reach_id, o.position_m) for o in event.outfalls]),
        ("samples.csv", [("", s.reach_id, s.position_m) for s in event.samples]),
        ("flow.csv", _first_of_each((f.reach_id for f in event.flows), ids)),
        ("event.toml", [("", r, 0.0) for r in event.inflow_reaches]),
    )
    for file, rows in places:
        for row, (name, reach_id, position) in enumerate(rows, start=2):
            if reach_id and reach_id not in ids:
                yield Problem("river.off_network", file=file, row=row, name=name, reach=reach_id)
            elif reach_id and not -1 <= position <= ids[reach_id].length_m + 1:
                yield Problem(
                    "river.off_reach",
                    file=file,
                    row=row,
                    name=name,
                    position=position,
                    reach=reach_id,
                    length=ids[reach_id].length_m,
                )


def _first_of_each(
    reach_ids: Iterable[str], known: Mapping[str, Reach]
) -> list[tuple[str, str, float]]:
    """Return places row by row, blank but for the first row of each unknown reach."""
    told = set(known)
    found = []
    for reach_id in reach_ids:
        found.append(("", "" if reach_id in told else reach_id, 0.0))
        told.add(reach_id)
    return found
