"""Travel where little is known (经验传播时间): the USGS equations of Jobson 1996.

WRIR 96-4013, from dye studies on about 90 rivers (980 sub-reaches for velocity). Drainage area Dₐ in
m², flows in m³/s, slope m/m, times in hours, velocities in m/s. Equation numbers are the report's.
The exponent of Q'ₐ with slope is −0.469 as the agency's own service computes it; −0.465 stands in
its comment (not settled against the printed report).
"""

from __future__ import annotations

from dataclasses import dataclass

from qingyuan.core.problems import Problem

__all__ = ["EQUATIONS", "Equation", "leading_edge_h", "peak_velocity", "unit_peak"]

_GRAVITY = 9.81


@dataclass(frozen=True, slots=True)
class Equation:
    """One velocity equation u = a + b·D'ᵖ·Q'ᑫ·Sʳ·Q/Dₐ; ``envelope`` is the fastest probable."""

    number: int
    envelope: bool
    a: float
    b: float
    drainage: float
    relative_flow: float | None = None
    slope: float | None = None


EQUATIONS = (
    Equation(12, False, 0.094, 0.0143, 0.919, -0.469, 0.159),
    Equation(13, True, 0.25, 0.02, 0.919, -0.469, 0.159),
    Equation(14, False, 0.020, 0.051, 0.821, -0.465),
    Equation(15, True, 0.2, 0.093, 0.821, -0.465),
    Equation(16, False, 0.152, 8.1, 0.595),
    Equation(17, True, 0.2, 40.0, 0.595),
)


def peak_velocity(
    flow_m3_s: float,
    *,
    drainage_m2: float,
    mean_flow_m3_s: float | None = None,
    slope: float | None = None,
    envelope: bool = False,
) -> float:
    """Return the velocity of the peak in m/s by the best equation for what is known.

    Raises
    ------
    Problem
        ``river.not_positive_value`` for a flow, area or slope that is not above zero.
    """
    for name, value in (
        ("flow_m3_s", flow_m3_s),
        ("drainage_m2", drainage_m2),
        ("mean_flow_m3_s", mean_flow_m3_s),
        ("slope", slope),
    ):
        if value is not None and value <= 0:
            raise Problem("river.not_positive_value", name=name, given=value)
    knows = (mean_flow_m3_s is not None, mean_flow_m3_s is not None and slope is not None)
    chosen = next(
        e
        for e in EQUATIONS
        if e.envelope == envelope
        and ((e.relative_flow is not None) <= knows[0])
        and ((e.slope is not None) <= knows[1])
    )
    shared = mean_flow_m3_s if chosen.relative_flow is not None else flow_m3_s
    assert shared is not None
    found = drainage_m2**1.25 * _GRAVITY**0.5 / shared
    product = chosen.b * found**chosen.drainage * flow_m3_s / drainage_m2
    if chosen.relative_flow is not None:
        product *= (flow_m3_s / shared) ** chosen.relative_flow
    if chosen.slope is not None and slope is not None:
        product *= slope**chosen.slope
    return chosen.a + product


def unit_peak(peak_h: float, *, flow_m3_s: float, mean_flow_m3_s: float) -> float:
    """Return the unit-peak concentration C_up in 1/s·10⁶ (eq. 7): C = C_up·M·R/(10⁶·Q)."""
    exponent = -0.760 * (flow_m3_s / mean_flow_m3_s) ** -0.079
    return 857 * peak_h**exponent


def leading_edge_h(peak_h: float) -> float:
    """Return when the first of a release arrives, 0.890 of the peak's time (eq. 18)."""
    return 0.890 * peak_h
