"""Questions to the registry; who is looking comes first."""

from qingyuan.web.registry.selectors.along import FARTHEST_M, Passed, Spot, Waterway, reach_values
from qingyuan.web.registry.selectors.geojson import (
    air_stations_geojson,
    collection,
    districts_geojson,
    enterprises_geojson,
    point_feature,
    shape_feature,
)
from qingyuan.web.registry.selectors.network import section_of_reach, sections_upstream
from qingyuan.web.registry.selectors.responsibility import (
    responsibilities,
    responsibility_for,
    responsible_for,
)
from qingyuan.web.registry.selectors.things import (
    air_stations,
    city,
    devices,
    district_of,
    district_of_station,
    districts,
    enterprises,
    label_of_station,
    matching,
    outfalls,
    reaches,
    sections,
)
from qingyuan.web.registry.selectors.versions import Version, shown, versions

__all__ = [
    "FARTHEST_M",
    "Passed",
    "Spot",
    "Version",
    "Waterway",
    "air_stations",
    "air_stations_geojson",
    "city",
    "collection",
    "devices",
    "district_of",
    "district_of_station",
    "districts",
    "districts_geojson",
    "enterprises",
    "enterprises_geojson",
    "label_of_station",
    "matching",
    "outfalls",
    "point_feature",
    "reach_values",
    "reaches",
    "responsibilities",
    "responsibility_for",
    "responsible_for",
    "section_of_reach",
    "sections",
    "sections_upstream",
    "shape_feature",
    "shown",
    "versions",
]
