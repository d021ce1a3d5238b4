"""What is true of any release in any flow."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.cities import read_city, shipped_city
from qingyuan.synth.water import Water

TOWN = read_city(shipped_city("four_nodes"))


@settings(max_examples=15, deadline=None)
@given(
    spring=st.floats(0.3, 40),
    cell=st.integers(0, 10),
    load=st.floats(0, 200),
    minutes=st.lists(st.floats(0.5, 20), min_size=1, max_size=8),
)
def test_mass_is_kept_and_never_negative_whatever_the_steps(spring, cell, load, minutes):
    water = Water(TOWN, substances=1)
    given_g = 0.0
    inflow, loads = np.zeros(water.cells), np.zeros((water.cells, 1))
    inflow[0], loads[cell] = spring, load
    for length in minutes:
        water.step(length * 60, inflow=inflow, load=loads, loss_per_s=np.zeros(1))
        given_g += load * length * 60
        assert water.mass.min() >= 0
        assert water.area.min() > 0
    assert water.mass.sum() <= given_g * (1 + 1e-9) + 1e-9
    if sum(minutes) < 20:
        assert np.isclose(water.mass.sum(), given_g, rtol=1e-3, atol=1e-6)
