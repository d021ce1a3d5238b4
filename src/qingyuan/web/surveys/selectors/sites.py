"""Registered sites near a place (周边登记源): asked of whoever keeps them, through a seam."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Site", "know_sites", "sites_near"]


@dataclass(frozen=True, slots=True)
class Site:
    """A registered source near a place: what it is called, its kind in words, how far, its page."""

    name: str
    kind: str
    metres: float
    url: str = ""


Ask = Callable[[float, float, float], Sequence[Site]]
_known: list[Ask] = []


def know_sites(function: Ask) -> None:
    """Let an app that keeps sites tell of them (in ``AppConfig.ready``).

    Parameters
    ----------
    function : callable
        ``function(lon, lat, metres)`` → the sites within *metres* of a place in CGCS2000 degrees,
        as `Site`.
    """
    if function not in _known:
        _known.append(function)


def sites_near(lon: float, lat: float, metres: float) -> list[Site]:
    """Return the registered sites within *metres*, the nearest first."""
    found = [site for ask in _known for site in ask(lon, lat, metres)]
    return sorted(found, key=lambda s: (s.metres, s.name))
