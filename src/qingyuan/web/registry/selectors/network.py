"""The river network as a graph: what lies upstream, and which section speaks for a reach."""

from __future__ import annotations

from collections import defaultdict

from qingyuan.web.registry.models import RiverReach, Section

__all__ = ["section_of_reach", "sections_upstream"]


def _downstream() -> dict[str, str | None]:
    return dict(RiverReach.objects.values_list("code", "to_reach_id"))


def section_of_reach() -> dict[str, str]:
    """Return reach → section whose class its water is drawn in: the next one downstream.

    A reach with several sections takes its lowest; below the last section of a river a reach has
    none, and is drawn without a class.
    """
    lowest = dict(Section.objects.order_by("position_m", "code").values_list("reach_id", "code"))
    below = _downstream()
    answer: dict[str, str] = {}
    for start in below:
        at: str | None = start
        passed: set[str] = set()
        while at is not None and at not in lowest and at not in passed:
            passed.add(at)
            at = below.get(at)
        if at in lowest:
            answer[start] = lowest[at]
    return answer


def sections_upstream(section: Section) -> list[tuple[Section, list[tuple[str, float]]]]:
    """Return each section next upstream, with the reaches between and the metres within each.

    The search stops at the first section on every branch: beyond it, that one speaks.

    Returns
    -------
    list of (section, [(reach code, metres), …])
        Path from the upstream section down to *section*, nearest branch first.
    """
    above: dict[str, list[str]] = defaultdict(list)
    for code, to in _downstream().items():
        if to:
            above[to].append(code)
    lengths = dict(RiverReach.objects.values_list("code", "length_m"))
    on_reach: dict[str, list[Section]] = defaultdict(list)
    for row in Section.objects.order_by("-position_m", "code"):
        on_reach[row.reach_id].append(row)
    found: list[tuple[Section, list[tuple[str, float]]]] = []
    waiting: list[tuple[str, float, list[tuple[str, float]]]] = [
        (section.reach_id, section.position_m, [])
    ]
    seen: set[str] = set()
    while waiting:
        reach, end, path = waiting.pop(0)
        if reach in seen:
            continue
        seen.add(reach)
        upper = next(
            (s for s in on_reach[reach] if s.position_m < end and s.code != section.code), None
        )
        if upper is not None:
            found.append((upper, [(reach, end - upper.position_m), *path]))
            continue
        waiting += [(code, lengths[code], [(reach, end), *path]) for code in sorted(above[reach])]
    return found
