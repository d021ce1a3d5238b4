"""Which releases there are in the demo, and what becomes of them (演示事件).

The releases themselves are chosen and timed by `qingyuan.synth.incidents`; here each gets the words
a bureau would use and, for the past ones, how far its case has come.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from qingyuan import synth
from qingyuan.cities import City, read_city, shipped_city

__all__ = ["CITIES", "Plan", "Story", "cast", "plan"]

CITIES = {"demo": "demo", "four-nodes": "four_nodes"}
_OPEN_PAST = 1  # so many of the past incidents are still being rectified when the demo starts


@dataclass(frozen=True, slots=True)
class Story:
    """One incident with its names; ``ends`` is the state its case stops at (empty: runs on)."""

    incident: synth.Incident
    title: str
    district_code: str
    section_name: str
    outfall_id: str
    enterprise_id: str
    enterprise_name: str
    ends: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All incidents of one demo: the main one is left to people, the second runs by itself."""

    city: City
    seed: int
    stories: tuple[Story, ...]

    @property
    def releases(self) -> tuple[synth.Release, ...]:
        """Every release, for the world and its history."""
        return tuple(s.incident.release for s in self.stories)

    def of(self, role: str) -> tuple[Story, ...]:
        """Return the stories of one role: ``main``, ``second`` or ``past``, oldest first."""
        found = [s for s in self.stories if s.incident.role == role]
        return tuple(sorted(found, key=lambda s: s.incident.crosses))


@cache
def plan(*, size: str, seed: int, past: bool = True) -> Plan:
    """Return the incidents of a demo city for a seed; the same every time.

    Parameters
    ----------
    size : str
        ``demo`` or ``four-nodes``.
    seed : int
        Chooses the culprits.
    past : bool
        Also the incidents of the last three months.
    """
    city = read_city(shipped_city(CITIES[size]))
    if city.epoch is None:
        raise ValueError("a demo city states when its time begins")
    found = synth.incidents(city, seed=seed, epoch=city.epoch, past=past)
    newest = sorted((i for i in found if i.role == "past"), key=lambda i: i.crosses, reverse=True)
    return Plan(
        city,
        seed,
        tuple(
            _story(city, i, ends="rectifying" if i in newest[:_OPEN_PAST] else "") for i in found
        ),
    )


def _story(city: City, incident: synth.Incident, *, ends: str) -> Story:
    section = next(s for s in city.sections if s.section_id == incident.section_id)
    outfall = next(o for o in city.outfalls if o.outfall_id == incident.release.outfall_id)
    enterprise = next(e for e in city.enterprises if e.enterprise_id == outfall.enterprise_id)
    return Story(
        incident=incident,
        title=f"{section.name}断面氨氮超{section.target_class}类限值",
        district_code=outfall.district_code,
        section_name=section.name,
        outfall_id=outfall.outfall_id,
        enterprise_id=enterprise.enterprise_id,
        enterprise_name=enterprise.name,
        ends=ends,
    )


def cast(found: Plan) -> dict[str, str]:
    """Return who plays which part in the main incident (主线人物): part → account, in order."""
    city, (story, *_) = found.city, found.of("main")
    row = city.responsible_for(story.district_code, "water")
    if row is None:
        raise ValueError("a demo city names who answers for the water of every district")

    def first(role: str, **more: str) -> str:
        return next(
            p.username
            for p in city.people
            if role in p.roles
            and p.username != row.username
            and all(getattr(p, name) == value for name, value in more.items())
        )

    return {
        # the first by name, as `accounts.selectors.holders_of` and so the actors take them
        "duty": min(p.username for p in city.people if "duty_officer" in p.roles),
        "officer": row.username,
        "enterprise": first("enterprise", enterprise_id=story.enterprise_id),
        "second": first("district_officer", unit_code=row.unit_code),
        "head": first("department_head"),
        "vice": row.sponsor or first("vice_leader"),
        "leader": first("leader"),
    }
