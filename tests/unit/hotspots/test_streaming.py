"""Streaming gives what the whole day gives, a few fixes later."""

from __future__ import annotations

import numpy as np

from qingyuan.hotspots import StreamMatcher, graph_of, matcher_of


def _ring(count=40, metres=90.0):
    u = np.arange(count)
    v = (u + 1) % count
    angle = 2 * np.pi * np.arange(count) / count
    radius = metres * count / 2 / np.pi
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    return graph_of(edge_id=u, u=u, v=v, x1=x[u], y1=y[u], x2=x[v], y2=y[v]), radius


def test_stream_settles_every_fix_once_and_as_the_batch_does():
    graph, radius = _ring()
    rng = np.random.default_rng(5)
    t = 3.0 * np.arange(300)
    angle = 8.0 * t / radius
    x, y = (
        radius * np.cos(angle) + rng.normal(0, 6, 300),
        radius * np.sin(angle) + rng.normal(0, 6, 300),
    )
    speed = np.full(300, 8.0)
    matcher = matcher_of(graph, noise_m=6.0)
    whole = matcher.match(trace=np.zeros(300, dtype=np.int64), t=t, x=x, y=y, speed=speed)
    stream, edges, times = StreamMatcher(matcher, lag=10), [], []
    for at in range(0, 300, 7):
        some = slice(at, at + 7)
        settled = stream.push(["A"] * len(t[some]), t[some], x[some], y[some], speed[some])
        edges.append(settled.match.edge)
        times.append(settled.t)
    last = stream.finish()
    edge, when = np.concatenate([*edges, last.match.edge]), np.concatenate([*times, last.t])
    assert when.tolist() == t.tolist()
    assert np.mean(edge == whole.edge) > 0.97
