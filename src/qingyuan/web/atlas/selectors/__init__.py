"""Questions the map asks; who is looking comes first."""

from qingyuan.web.atlas.selectors.cards import card_of
from qingyuan.web.atlas.selectors.layers import LAYERS, bounds, layer, map_config
from qingyuan.web.atlas.selectors.past import river_then

__all__ = ["LAYERS", "bounds", "card_of", "layer", "map_config", "river_then"]
