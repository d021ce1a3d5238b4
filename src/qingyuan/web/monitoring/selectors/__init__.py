"""Questions to monitoring; who is looking comes first."""

from qingyuan.web.monitoring.selectors.charts import (
    HOURS,
    Chart,
    chart_of,
    factors_of,
    section_chart,
)
from qingyuan.web.monitoring.selectors.devices import (
    DeviceRow,
    device_rows,
    devices_seen,
    follower,
    marks_of,
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
from qingyuan.web.monitoring.selectors.packets import PacketView, packet_views
from qingyuan.web.monitoring.selectors.quarantine import QuarantineView, quarantine, set_aside
from qingyuan.web.monitoring.selectors.rules import published_rules, rules_text

__all__ = [
    "HOURS",
    "Chart",
    "DeviceRow",
    "PacketView",
    "QuarantineView",
    "SectionNow",
    "ValueNow",
    "chart_of",
    "device_rows",
    "devices_seen",
    "factors_of",
    "follower",
    "marks_of",
    "outfall_values",
    "packet_views",
    "published_rules",
    "quarantine",
    "reaches_geojson",
    "rules_text",
    "section_chart",
    "section_now",
    "sections_geojson",
    "sections_now",
    "set_aside",
    "values_of",
]
