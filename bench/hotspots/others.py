"""Match the given traces with a matcher others use; run by `matching.py` in an environment of its own.

    PYTHON bench/hotspots/others.py leuvenmapmatching|mappymatch IN.npz

``IN.npz`` holds the nodes (x, y in metres), the directed edges (u, v) and the fixes (trace, x, y).
Prints one JSON object: processor seconds of matching alone, and the edge row of each fix, -1 none.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from importlib.metadata import version

import numpy as np


def leuven(data) -> tuple[float, list[int]]:
    """Match with leuvenmapmatching's DistanceMatcher, non-emitting states on, as its manual sets it."""
    from leuvenmapmatching.map.inmem import InMemMap
    from leuvenmapmatching.matcher.distance import DistanceMatcher

    logging.getLogger("be.kuleuven.cs.dtai.mapmatching").setLevel(logging.ERROR)
    roads = InMemMap("bench", use_latlon=False, use_rtree=True, index_edges=True)
    for node, (x, y) in enumerate(zip(data["node_x"], data["node_y"], strict=True)):
        roads.add_node(node, (float(y), float(x)))
    row = {}
    for e, (u, v) in enumerate(zip(data["u"].tolist(), data["v"].tolist(), strict=True)):
        roads.add_edge(u, v)
        row.setdefault((u, v), e)
    roads.purge()
    out, seconds = [], 0.0
    for path in _paths(data):
        began = time.process_time()
        matcher = DistanceMatcher(
            roads, max_dist=60, obs_noise=10, obs_noise_ne=20, max_lattice_width=10,
            non_emitting_states=True, dist_noise=20, min_prob_norm=0.001,
        )  # fmt: skip
        matcher.match([(float(y), float(x)) for x, y in path])
        found = [-1] * len(path)
        for state in matcher.lattice_best or []:
            if state.obs_ne == 0:
                found[state.obs] = row.get((state.edge_m.l1, state.edge_m.l2), -1)
        seconds += time.process_time() - began
        out += found
    return seconds, out


def mappy(data) -> tuple[float, list[int]]:
    """Match with mappymatch's LCSSMatcher as it comes."""
    import networkx as nx
    import pandas as pd
    from geopandas import GeoDataFrame, points_from_xy
    from mappymatch.constructs.trace import Trace
    from mappymatch.maps.nx.nx_map import NxMap
    from mappymatch.matchers.lcss.lcss import LCSSMatcher
    from pyproj import CRS
    from shapely.geometry import LineString

    crs = CRS("EPSG:3857")  # metres; the place on the globe does not matter here
    graph = nx.MultiDiGraph(crs=crs)
    x, y = data["node_x"], data["node_y"]
    for e, (u, v) in enumerate(zip(data["u"].tolist(), data["v"].tolist(), strict=True)):
        line = LineString([(x[u], y[u]), (x[v], y[v])])
        graph.add_edge(u, v, geometry=line, kilometers=line.length / 1000, minutes=line.length / 500, row=e)  # fmt: skip
    row = {(u, v, k): d["row"] for u, v, k, d in graph.edges(keys=True, data=True)}
    matcher = LCSSMatcher(NxMap(graph))
    out, seconds = [], 0.0
    for path in _paths(data):
        began = time.process_time()
        frame = GeoDataFrame(geometry=points_from_xy(path[:, 0], path[:, 1]), index=pd.RangeIndex(len(path)), crs=crs)  # fmt: skip
        found = matcher.match_trace(Trace(frame)).matches
        seconds += time.process_time() - began
        edges = [-1] * len(path)
        for m in found:
            if m.road is not None:
                r = m.road.road_id
                edges[int(m.coordinate.coordinate_id)] = row[(r.start, r.end, r.key)]
        out += edges
    return seconds, out


def _paths(data):
    ends = np.flatnonzero(np.diff(data["trace"])) + 1
    return np.split(np.column_stack([data["x"], data["y"]]), ends)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    name = sys.argv[1]
    spent, matched = {"leuvenmapmatching": leuven, "mappymatch": mappy}[name](np.load(sys.argv[2]))
    print(json.dumps({"version": version(name), "cpu_seconds": spent, "edge": matched}))
