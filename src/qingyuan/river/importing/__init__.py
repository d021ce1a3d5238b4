"""Import of river networks (河网导入).

Room: real river lines from a survey or a map service become a directed network that flows.
Knows: GeoJSON, Shapefile and GeoPackage; datums; snapping, splitting, directing, what was repaired.
Never knows: databases of the platform, users, today's date, who drew the lines.
Sources: docs/adr/0023-network-import.md; RFC 7946; ESRI Shapefile 1998; OGC GeoPackage 1.3.
"""

from __future__ import annotations

from qingyuan.river.importing.assemble import Imported, Options, import_network
from qingyuan.river.importing.layers import Feature, Layer, read_layer
from qingyuan.river.importing.repairs import REPAIRS, Repair
from qingyuan.river.importing.write import write_network

__all__ = [
    "REPAIRS",
    "Feature",
    "Imported",
    "Layer",
    "Options",
    "Repair",
    "import_network",
    "read_layer",
    "write_network",
]
