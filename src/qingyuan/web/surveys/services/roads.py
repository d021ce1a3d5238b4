"""A new version of the road network (路网入库) from a layer of lines."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import Max

from qingyuan import hotspots
from qingyuan.core.problems import Problem
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.exchange.read import features_of_layer
from qingyuan.web.registry import selectors as registry
from qingyuan.web.surveys.models import RoadNetwork, Stretch
from qingyuan.web.surveys.stretches import network_of, stretches_of

__all__ = ["bring_roads", "put_network"]

_MOST_EDGES = 400_000


def bring_roads(
    *, content: bytes, name: str, by: Actor, at: datetime, datum: str = ""
) -> RoadNetwork:  # fmt: skip
    """Read a layer (GeoJSON, GeoPackage, zipped Shapefile) into the next version of the network.

    *datum* overrules what the layer says of itself; ``GCJ02`` must be named.

    Raises
    ------
    Problem
        ``surveys.no_roads`` if it holds no line, ``surveys.no_road_names`` if none has a name,
        ``surveys.same_roads`` if it equals the version in force, and what the reader refuses.
    """
    features = features_of_layer(content, name=name, datum=datum)
    brought = network_of((f.geometry, f.properties) for f in features)
    if brought is None:
        raise Problem("surveys.no_roads", file=name)
    return put_network(brought, source=name, datum=datum, by=by, at=at)


@transaction.atomic
def put_network(
    brought: hotspots.Network, *, source: str, by: Actor, at: datetime, datum: str = ""
) -> RoadNetwork:  # fmt: skip
    """Keep a repaired network as the next version, with its stretches and its repairs."""
    edges = hotspots.edge_columns(brought)
    if len(edges["u"]) > _MOST_EDGES:
        raise Problem("surveys.many_roads", count=len(edges["u"]), most=_MOST_EDGES)
    found = stretches_of(edges)
    if not found:
        raise Problem("surveys.no_road_names", file=source)
    digest = hashlib.sha256(json.dumps(edges, ensure_ascii=False).encode()).hexdigest()
    newest = RoadNetwork.objects.order_by("-version").defer("edges").first()
    if newest is not None and newest.sha256 == digest:
        raise Problem("surveys.same_roads", version=newest.version)
    version = (RoadNetwork.objects.aggregate(n=Max("version"))["n"] or 0) + 1
    places: list[int | None] = [None] * len(edges["u"])
    for number, stretch in enumerate(found):
        for i in stretch.edges:
            places[i] = number
    network = RoadNetwork.objects.create(
        version=version, source=source[:200], datum=datum or "CGCS2000", edges={**edges, "stretch": places},
        repairs=_repairs(brought),
        count=len(edges["u"]), length_km=round(sum(s.length_m for s in found) / 1000, 1),
        sha256=digest, brought_by_label=by.label, brought_at=at,
    )  # fmt: skip
    Stretch.objects.bulk_create(
        [
            Stretch(
                network=network, number=n, road=s.road[:120], start=s.start[:120], end=s.end[:120],
                district_code=registry.district_of(*s.middle), length_m=round(s.length_m, 1), lines=s.lines,
            )
            for n, s in enumerate(found)
        ],
        batch_size=2000,
    )  # fmt: skip
    audit.record(
        actor=by, deed="surveys.bring_roads", target=f"roads:{version}", at=at,
        detail={"source": source, "edges": len(edges["u"]), "stretches": len(found), "sha256": digest,
                "repairs": brought.counts, "datum": datum or "CGCS2000"},
    )  # fmt: skip
    return network


def _repairs(brought: hotspots.Network) -> list[dict[str, object]]:
    """Return every repair and doubt with its place and its sentence."""
    told = brought.repairs
    x, y = (np.array([getattr(r, axis) for r in told], dtype=float) for axis in ("x", "y"))
    lon, lat = brought.plane.given_all(x, y) if told else ([], [])
    return [
        {"line": r.line_id, "lon": a, "lat": b, "zh": r.says("zh"), "en": r.says("en")}
        for r, a, b in zip(told, lon, lat, strict=True)
    ]
