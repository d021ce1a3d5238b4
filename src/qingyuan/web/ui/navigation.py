"""Navigation (导航): entries and counts come by registration; this room knows no other app.

An app registers in its ``AppConfig.ready``::

    navigation.register(NavEntry("alarms", _("告警"), "signals:console", 20,
                                 count=lambda user: selectors.unacknowledged(user)))

The person's roles are those of ``scope.roles`` in the page's context.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.urls import NoReverseMatch, reverse

__all__ = [
    "Item",
    "NavEntry",
    "entries",
    "for_user",
    "phone_for_user",
    "register",
]


@dataclass(frozen=True)
class NavEntry:
    """One entry of the bar.

    Parameters
    ----------
    name : str
        Stable key; also the id of its count (``nav-count-<name>``).
    label : str
        Chinese, lazily translated.
    url_name : str
        Reversed without arguments.
    order : int
        Left to right; within a group, top to bottom.
    count : callable, optional
        ``count(user)`` → number shown beside the label; 0 shows nothing.
    roles : collection of str
        Roles that see it; empty means everyone signed in.
    group : str
        Label of the menu it folds into (台账, 更多 …); ``""`` stands by itself.
    tone : str
        ``late`` draws the count in the colour of overdue things.
    phone : bool
        Also an entry of the dock on phone pages; needs `icon`.
    icon : str
        Name of an icon, used in the dock.
    """

    name: str
    label: Any
    url_name: str
    order: int
    count: Callable[[Any], int] | None = None
    roles: Collection[str] = ()
    group: Any = ""
    tone: str = ""
    phone: bool = False
    desk: bool = True
    icon: str = ""


@dataclass
class Item:
    """An entry as one user sees it; a group when it has children."""

    name: str
    label: Any
    url: str = ""
    count: int = 0
    tone: str = ""
    icon: str = ""
    here: bool = False
    children: list[Item] = field(default_factory=list)


_entries: dict[str, NavEntry] = {}


def register(entry: NavEntry) -> None:
    """Add *entry*; the same name again replaces it."""
    _entries[entry.name] = entry


def entries() -> list[NavEntry]:
    """Return all entries in order."""
    return sorted(_entries.values(), key=lambda entry: (entry.order, entry.name))


def for_user(user: Any, *, roles: Collection[str] = (), path: str = "") -> list[Item]:
    """Return the bar for *user*, groups folded, the entry of *path* marked."""
    bar: list[Item] = []
    groups: dict[str, Item] = {}
    for entry, item in _seen_by(user, roles=roles, path=path):
        if not entry.desk:
            continue
        if not entry.group:
            bar.append(item)
            continue
        key = str(entry.group)
        if key not in groups:
            groups[key] = Item(name=f"group-{entry.name}", label=entry.group)
            bar.append(groups[key])
        groups[key].children.append(item)
        groups[key].here = groups[key].here or item.here
    return bar


def phone_for_user(user: Any, *, roles: Collection[str] = (), path: str = "") -> list[Item]:
    """Return the dock of the phone pages for *user*."""
    return [item for entry, item in _seen_by(user, roles=roles, path=path) if entry.phone]


@cache
def _address(url_name: str) -> str:
    """Return where an entry leads, worked out once: thirty of them stand on every page."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _seen_by(user: Any, *, roles: Collection[str], path: str) -> list[tuple[NavEntry, Item]]:
    seen: list[tuple[NavEntry, Item]] = []
    for entry in entries():
        if entry.roles and not set(roles).intersection(entry.roles):
            continue
        url = _address(entry.url_name)
        if not url:  # the system check names it; the page must still open
            continue
        item = Item(
            name=entry.name,
            label=entry.label,
            url=url,
            count=entry.count(user) if entry.count else 0,
            tone=entry.tone,
            icon=entry.icon,
        )
        seen.append((entry, item))
    here = max(
        (
            item
            for _, item in seen
            if path == item.url or (item.url != "/" and path.startswith(item.url))
        ),
        key=lambda item: len(item.url),
        default=None,
    )
    if here:
        here.here = True
    return seen
