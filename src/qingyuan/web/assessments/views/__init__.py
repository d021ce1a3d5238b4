"""Pages of assessments."""

from qingyuan.web.assessments.views.air import air, air_layer, air_place
from qingyuan.web.assessments.views.figures import figure
from qingyuan.web.assessments.views.water import water, water_section

__all__ = ["air", "air_layer", "air_place", "figure", "water", "water_section"]
