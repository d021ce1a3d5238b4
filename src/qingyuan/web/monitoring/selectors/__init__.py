"""Questions to monitoring; who is looking comes first."""

from qingyuan.web.monitoring.selectors.charts import (
    HOURS,
    Chart,
    chart_of,
    factors_of,
    section_chart,
)
from qingyuan.web.monitoring.selectors.now import (
    SectionNow,
    ValueNow,
    outfall_values,
    section_now,
    sections_now,
    values_of,
)
from qingyuan.web.monitoring.selectors.on_map import reaches_geojson, sections_geojson
from qingyuan.web.monitoring.selectors.rules import published_rules, rules_text
from qingyuan.web.monitoring.selectors.sources import (
    QuarantineView,
    SourceRow,
    follower,
    quarantine,
    sources,
)

__all__ = [
    "HOURS",
    "Chart",
    "QuarantineView",
    "SectionNow",
    "SourceRow",
    "ValueNow",
    "chart_of",
    "factors_of",
    "follower",
    "outfall_values",
    "published_rules",
    "quarantine",
    "reaches_geojson",
    "rules_text",
    "section_chart",
    "section_now",
    "sections_geojson",
    "sections_now",
    "sources",
    "values_of",
]
