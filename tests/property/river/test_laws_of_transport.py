from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.river import Reach, network_of
from qingyuan.river.transfer import transfers, travel_covariance
from qingyuan.river.transport import mixed, transport_of

flows = st.floats(0.05, 500)
levels = st.floats(0, 1000)


@given(a=flows, b=flows, ca=levels, cb=levels)
def test_water_and_mass_meet_at_a_confluence_without_loss(a, b, ca, cb):
    flow, level = mixed(a, ca, b, cb)
    assert np.isclose(flow * level, a * ca + b * cb)
    assert min(ca, cb) - 1e-9 <= level <= max(ca, cb) + 1e-9


@st.composite
def trees(draw):
    count = draw(st.integers(2, 9))
    flow = [0.0] * count
    to = [draw(st.integers(i + 1, count - 1)) if i < count - 1 else -1 for i in range(count)]
    for i in range(count):
        flow[i] += draw(st.floats(0.2, 3))
        if to[i] >= 0:
            flow[to[i]] += flow[i]
    return [
        Reach(
            f"r{i}",
            f"r{to[i]}" if to[i] >= 0 else "",
            draw(st.floats(300, 6000)),
            draw(st.floats(2e-4, 5e-3)),
            0.035,
            draw(st.floats(3, 30)),
            1.0,
            flow[i],
            None,
            draw(st.sampled_from(["river", "river", "river", "reservoir"])),
        )
        for i in range(count)
    ]


@settings(max_examples=25, deadline=None)
@given(reaches=trees(), decay=st.sampled_from([0.0, 0.3]))
def test_every_section_below_sees_the_whole_load_that_has_not_decayed(reaches, decay):
    network = network_of(reaches)
    travel = transport_of(
        network, flow_m3_s=np.array([r.flow_m3_s for r in reaches]), own_velocity_sd=0.1
    )
    count = len(reaches)
    places = (np.arange(count), np.zeros(count))
    ends = [network.point(r.reach_id, r.length_m) for r in reaches]
    answers = transfers(
        travel, reach=places[0], position_m=places[1], sections=ends, decay_per_day=decay
    )
    for one in answers:
        late = float(one.mean_h.max() + 40 * np.sqrt(one.variance_h2.max())) + 30
        plateau = one.response(np.array([late]), start_h=0.0, duration_h=2 * late, rate_g_s=7.0)
        assert np.allclose(plateau[:, 0] * one.flow_m3_s, 7.0 * one.survival, rtol=2e-3)
        assert ((one.survival > 0) & (one.survival <= 1)).all()
    for place in range(count):
        _, cover = travel_covariance(answers, place)
        assert np.linalg.eigvalsh(cover).min() > -1e-9 * max(1.0, np.trace(cover))
    # along the way means, variances and losses only grow
    for r in range(count):
        down = int(network.to[r])
        if down >= 0:
            near = dict(zip(answers[r].places.tolist(), answers[r].mean_h, strict=True))
            far = dict(zip(answers[down].places.tolist(), answers[down].mean_h, strict=True))
            assert near[r] <= far[r]
