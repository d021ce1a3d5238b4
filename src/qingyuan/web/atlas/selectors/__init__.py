"""Questions the map asks; who is looking comes first."""

from qingyuan.web.atlas.selectors.along import FACTORS_ALONG, along, figure_of, whereabouts
from qingyuan.web.atlas.selectors.cards import card_of
from qingyuan.web.atlas.selectors.layers import LAYERS, bounds, layer, map_config
from qingyuan.web.atlas.selectors.outfalls import outfalls_geojson
from qingyuan.web.atlas.selectors.past import river_then

__all__ = [
    "FACTORS_ALONG",
    "LAYERS",
    "along",
    "bounds",
    "card_of",
    "figure_of",
    "layer",
    "map_config",
    "outfalls_geojson",
    "river_then",
    "whereabouts",
]
