"""Who brought a table to exchange (登记): families register in their ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Collection

from qingyuan.web.exchange.tables import Exporter, Importer

__all__ = ["exporter_named", "exporters", "importer_named", "importers", "register"]

_importers: dict[str, Importer] = {}
_exporters: dict[str, Exporter] = {}


def register(item: Importer | Exporter) -> None:
    """Add a table people may bring or take; the same name again replaces it."""
    if isinstance(item, Importer):
        names = {column.name for column in item.sheet.columns}
        lost = set(item.sheet.key) - names
        if lost:
            raise ValueError(f"importer {item.name}: key columns {sorted(lost)} are no columns")
        _importers[item.name] = item
    else:
        _exporters[item.name] = item


def importers(roles: Collection[str]) -> list[Importer]:
    """Return what people of these roles may bring, in order."""
    held = set(roles)
    found = [item for item in _importers.values() if held.intersection(item.roles)]
    return sorted(found, key=lambda item: (item.order, item.name))


def importer_named(name: str, roles: Collection[str]) -> Importer | None:
    """Return an importer, or None when there is none or the roles may not."""
    item = _importers.get(name)
    return item if item and set(roles).intersection(item.roles) else None


def exporters(roles: Collection[str]) -> list[Exporter]:
    """Return what people of these roles may take."""
    held = set(roles)
    return sorted(
        (item for item in _exporters.values() if held.intersection(item.roles)),
        key=lambda item: item.name,
    )


def exporter_named(name: str, roles: Collection[str]) -> Exporter | None:
    """Return an exporter, or None when there is none or the roles may not."""
    item = _exporters.get(name)
    return item if item and set(roles).intersection(item.roles) else None
