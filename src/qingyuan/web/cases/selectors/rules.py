"""Which procedures there are (现行办案程序): those shipped, and over them those published here.

A case keeps its own version; this is about new cases and about what lists and filters offer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from qingyuan import casework
from qingyuan.web.cases.models import ProcedureVersion
from qingyuan.web.ui.once import once

__all__ = ["current", "know_published", "published"]

_sources: list[Callable[[], Mapping[str, ProcedureVersion]]] = []


def know_published(source: Callable[[], Mapping[str, ProcedureVersion]]) -> None:
    """Register who knows the versions in force that were published here, by procedure name."""
    _sources[:] = [source]


def published() -> Mapping[str, ProcedureVersion]:
    """Return the versions in force that were published here."""
    return once("published", _sources[0]) if _sources else MappingProxyType({})


def current() -> Mapping[str, casework.Procedure]:
    """Return the rules a new case of each procedure would begin on, shipped ones first."""
    here = {name: version.rules for name, version in published().items()}
    return MappingProxyType({**casework.shipped(), **here})
