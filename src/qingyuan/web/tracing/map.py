"""What the trace page's map shows: the alarmed section, the river upstream of it, the suspects."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from qingyuan.web.accounts.scope import Scope
from qingyuan.web.monitoring import selectors as monitoring
from qingyuan.web.registry.models import Section
from qingyuan.web.registry.selectors import Waterway
from qingyuan.web.signals.models import Signal
from qingyuan.web.tracing.models import Trace
from qingyuan.web.tracing.selectors import suspects

__all__ = ["rivers_geojson", "trace_map"]

_MARGIN = 0.03


def _upstream_of(section_code: str) -> set[str]:
    """Return the codes of the reach a section lies on and of all above it."""
    start = Section.objects.filter(code=section_code).values_list("reach_id", flat=True).first()
    return set(Waterway().reaches_upstream(start)) if start else set()


def rivers_geojson(scope: Scope, signal: Signal, *, at: object) -> dict[str, Any]:
    """Return the rivers as the map has them, with ``upstream`` true where water reaches the alarm."""
    rivers = monitoring.reaches_geojson(scope, at=at)
    upstream = _upstream_of(signal.object_code)
    for feature in rivers["features"]:
        feature["properties"]["upstream"] = feature["properties"]["code"] in upstream
    return rivers


def trace_map(
    signal: Signal, trace: Trace, *, chosen: str = "", span: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the map element's configuration, framed on the section and its credible suspects.

    With *span* the plume of the *chosen* suspect moves along a time bar.
    """
    section = Section.objects.filter(code=signal.object_code).first()
    shown = [s for s in suspects(trace, most=50) if s.outfall and (s.in_set90 or s.rank <= 3)]
    points = [(s.outfall.lon, s.outfall.lat) for s in shown if s.outfall]
    if section is not None:
        points.append((section.lon, section.lat))
    lons, lats = [p[0] for p in points] or [0.0], [p[1] for p in points] or [0.0]

    def layer(name: str, label: str, src: str, card: str = "") -> dict[str, Any]:
        href = reverse("map-card", args=[card, "ID"]).replace("ID", "{id}") if card else ""
        return {
            "name": name,
            "kind": name,
            "label": label,
            "group": _("溯源"),
            "src": src,
            "card": href,
        }

    plume = []
    if span is not None:
        src = f"{reverse('trace-plume', args=[signal.pk])}?outfall={chosen}&round={trace.round}"
        plume = [
            layer("plume", _("水团（中位）"), src) | {"timed": True},
            layer("plume-band", _("水团（90% 上限）"), f"{src}&band=1")
            | {"timed": True, "kind": "plume"},
        ]
    return {
        **({"time": span} if span else {}),
        "bounds": [
            min(lons) - _MARGIN,
            min(lats) - _MARGIN,
            max(lons) + _MARGIN,
            max(lats) + _MARGIN,
        ],
        "layers": [
            layer(
                "suspects",
                _("嫌疑排污口"),
                f"{reverse('trace-suspects', args=[signal.pk])}?round={trace.round}",
                "outfalls",
            ),
            layer(
                "sections",
                pgettext("plural", "断面"),
                reverse("map-layer", args=["sections"]),
                "sections",
            ),
            layer("rivers", pgettext("plural", "河流"), reverse("trace-rivers", args=[signal.pk])),
            *plume,
            layer("districts", _("行政区"), reverse("map-layer", args=["districts"])),
        ],
        "trace": True,
        "selected": {"layer": "sections", "id": signal.object_code},
    }
