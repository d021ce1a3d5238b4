"""What the trace page's map shows: the alarmed section, the river upstream, the suspects."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.web.registry.models import Section
from qingyuan.web.signals.models import Signal
from qingyuan.web.tracing.models import Trace
from qingyuan.web.tracing.selectors import suspects

__all__ = ["trace_map"]


def trace_map(signal: Signal, trace: Trace) -> dict[str, Any]:
    """Return the map element's configuration, framed on the section and its credible suspects."""
    section = Section.objects.filter(code=signal.object_code).first()
    points = [
        (s.outfall.lon, s.outfall.lat)
        for s in suspects(trace, most=50)
        if s.outfall and (s.in_set90 or s.rank <= 5)
    ]
    if section is not None:
        points.append((section.lon, section.lat))
    lons, lats = [p[0] for p in points] or [0.0], [p[1] for p in points] or [0.0]
    margin = 0.02

    def layer(name: str, label: str, kind: str, src: str, **more: object) -> dict[str, Any]:
        return {
            "name": name,
            "label": label,
            "kind": kind,
            "group": _("溯源"),
            "src": src,
            "card": "",
            **more,
        }

    return {
        "bounds": [min(lons) - margin, min(lats) - margin, max(lons) + margin, max(lats) + margin],
        "layers": [
            layer(
                "suspects", _("嫌疑排污口"), "outfalls", reverse("trace-suspects", args=[signal.pk])
            ),
            layer("sections", _("断面"), "sections", "/atlas/layers/sections.geojson"),
            layer("rivers", _("河流"), "rivers", "/atlas/layers/rivers.geojson"),
            layer("districts", _("行政区"), "districts", "/atlas/layers/districts.geojson"),
        ],
        "focus": signal.object_code,
    }
