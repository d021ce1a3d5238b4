"""Placing (落河): outfalls and sections onto the river, with the distance, or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from qingyuan.core.problems import Problem
from qingyuan.river.importing.layers import Feature

__all__ = ["Placed", "place"]

_ALIKE = 1.5  # another reach not this much farther makes the choice doubtful
_NEAR_M = 10.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A point on the network (落河点); ``also`` is another reach about as near, else empty."""

    feature: Feature
    reach_id: str
    position_m: float
    snap_m: float
    also: str = ""

    @property
    def properties(self) -> Mapping[str, Any]:
        """What the source says of it."""
        return self.feature.properties


def place(
    points: Sequence[tuple[Feature, Any]],
    shapes: Sequence[Any],
    reach_ids: Sequence[str],
    lengths_m: Sequence[float],
    *,
    snap_m: float,
    file: str,
) -> tuple[tuple[Placed, ...], list[Problem]]:
    """Put each point on the nearest reach; one farther than *snap_m* is refused by name."""
    tree = shapely.STRtree(list(shapes))
    found, refused = [], []
    for feature, geometry in points:
        point = geometry if geometry.geom_type == "Point" else shapely.centroid(geometry)
        near = int(tree.nearest(point))
        gap = float(shapely.distance(shapes[near], point))
        if gap > snap_m:
            refused.append(
                Problem(
                    "river.too_far",
                    file=file,
                    row=feature.row,
                    name=feature.feature_id,
                    distance=round(gap),
                    tolerance=round(snap_m),
                    reach=reach_ids[near],
                )
            )
            continue
        along = float(shapely.line_locate_point(shapes[near], point, normalized=True))
        others = tree.query(point, predicate="dwithin", distance=_ALIKE * gap + _NEAR_M).tolist()
        foot = shapely.line_interpolate_point(shapes[near], along, normalized=True)
        # the next reach along the same water is no doubt; one whose own bank is as near is
        rivals = sorted(
            (float(shapely.distance(shapes[i], point)), i)
            for i in others
            if i != near and shapely.distance(shapes[i], foot) > _NEAR_M
        )
        found.append(
            Placed(
                feature=feature,
                reach_id=reach_ids[near],
                position_m=round(float(np.clip(along * lengths_m[near], 0.0, lengths_m[near])), 1),
                snap_m=round(gap, 1),
                also=reach_ids[rivals[0][1]] if rivals else "",
            )
        )
    return tuple(found), refused
