"""Hydraulics of a reach (水力): normal depth in a trapezoid by Manning, velocity and dispersion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.core.problems import Problem
from qingyuan.river.dispersion import GRAVITY, dispersion
from qingyuan.river.jobson import peak_velocity

__all__ = [
    "Hydraulics",
    "Velocity",
    "best_velocity",
    "hydraulics",
    "mixing_length_m",
    "normal_depth",
    "normal_flow",
    "velocity_by_geometry",
]

Floats: TypeAlias = NDArray[np.float64]
_LEAST_SLOPE = 1e-6  # m/m; a level reservoir bed still has a surface slope
_VELOCITY_EXPONENT = 0.34  # at one section, mean of many rivers (Leopold & Maddock 1953)
_TRANSVERSE = 0.6  # ε_t / (H u*), 0.3–0.9 in meandering channels (Fischer et al. 1979)
# what the ways to a velocity are wrong by, as standard deviation of its logarithm (design values;
# Jobson's from the distance of his envelope, taken as two of them)
_LN_SD = {"gauge": 0.05, "geometry": 0.10, "manning": 0.20, "jobson": 0.35}


@dataclass(frozen=True)
class Hydraulics:
    """State of each reach in steady flow; a dry or closed reach has velocity zero."""

    flow_m3_s: Floats
    depth_m: Floats
    width_m: Floats
    area_m2: Floats
    velocity_m_s: Floats
    dispersion_m2_s: Floats


def normal_flow(
    depth_m: Floats, *, slope: Floats, manning_n: Floats, bottom_width_m: Floats, side_slope: Floats
) -> Floats:
    """Return Manning's flow Q = (1/n) A R^(2/3) S^(1/2) in m³/s at *depth_m*."""
    area = depth_m * (bottom_width_m + side_slope * depth_m)
    wetted = bottom_width_m + 2 * depth_m * np.sqrt(1 + side_slope**2)
    found: Floats = area ** (5 / 3) / wetted ** (2 / 3) * np.sqrt(slope) / manning_n
    return found


def normal_depth(
    flow_m3_s: Floats,
    *,
    slope: Floats,
    manning_n: Floats,
    bottom_width_m: Floats,
    side_slope: Floats,
) -> Floats:
    """Return the depth in m at which Manning's flow is *flow_m3_s*, by bisection to 1e-12."""
    low = np.full(flow_m3_s.shape, np.log(1e-5))
    high = np.full(flow_m3_s.shape, np.log(500.0))
    for _ in range(60):
        middle = (low + high) / 2
        over = (
            normal_flow(
                np.exp(middle),
                slope=slope,
                manning_n=manning_n,
                bottom_width_m=bottom_width_m,
                side_slope=side_slope,
            )
            > flow_m3_s
        )
        high = np.where(over, middle, high)
        low = np.where(over, low, middle)
    found: Floats = np.exp((low + high) / 2)
    return found


def hydraulics(
    flow_m3_s: Floats,
    *,
    slope: Floats,
    manning_n: Floats,
    bottom_width_m: Floats,
    side_slope: Floats,
) -> Hydraulics:
    """Return depth, width, area, velocity and dispersion of each reach at *flow_m3_s*."""
    moving = flow_m3_s > 0
    flow = np.where(moving, flow_m3_s, 1.0)
    bed = np.maximum(slope, _LEAST_SLOPE)
    depth = normal_depth(
        flow, slope=bed, manning_n=manning_n, bottom_width_m=bottom_width_m, side_slope=side_slope
    )
    area = depth * (bottom_width_m + side_slope * depth)
    wetted = bottom_width_m + 2 * depth * np.sqrt(1 + side_slope**2)
    width = bottom_width_m + 2 * side_slope * depth
    velocity = flow / area
    shear = np.sqrt(GRAVITY * area / wetted * bed)
    spread = dispersion(
        width, depth_m=area / width, velocity_m_s=velocity, shear_velocity_m_s=shear
    )
    return Hydraulics(
        flow_m3_s=np.where(moving, flow_m3_s, 0.0),
        depth_m=depth,
        width_m=width,
        area_m2=area,
        velocity_m_s=np.where(moving, velocity, 0.0),
        dispersion_m2_s=spread,
    )


@dataclass(frozen=True, slots=True)
class Velocity:
    """A velocity, how it was found, and the standard deviation of its logarithm."""

    value_m_s: float
    ln_sd: float
    how: str


def velocity_by_geometry(
    flow_m3_s: Floats, *, measured_flow_m3_s: float, measured_velocity_m_s: float
) -> Floats:
    """Return the velocity at another flow of a section measured once: u ∝ Q^0.34."""
    found: Floats = (
        measured_velocity_m_s * (np.asarray(flow_m3_s) / measured_flow_m3_s) ** _VELOCITY_EXPONENT
    )
    return found


def best_velocity(
    flow_m3_s: float,
    *,
    measured: tuple[float, float] | None = None,
    channel: tuple[float, float, float, float] | None = None,
    drainage_m2: float | None = None,
    mean_flow_m3_s: float | None = None,
    slope: float | None = None,
) -> Velocity:
    """Return the velocity by the best of what is known of a reach.

    Parameters
    ----------
    flow_m3_s : float
        The flow asked about.
    measured : (flow, velocity), optional
        A gauging in m³/s and m/s: used as it is at its own flow, by hydraulic geometry elsewhere.
    channel : (slope, manning_n, bottom_width_m, side_slope), optional
        For Manning.
    drainage_m2, mean_flow_m3_s, slope : float, optional
        For the equations of Jobson 1996, when nothing better is known.

    Raises
    ------
    Problem
        ``river.velocity_unknown`` when nothing is known; ``river.not_positive_value``.
    """
    if flow_m3_s <= 0:
        raise Problem("river.not_positive_value", name="flow_m3_s", given=flow_m3_s)
    if measured is not None:
        flow, velocity = measured
        at = velocity_by_geometry(
            np.array(flow_m3_s), measured_flow_m3_s=flow, measured_velocity_m_s=velocity
        )
        how = "gauge" if abs(flow_m3_s / flow - 1) < 0.1 else "geometry"
        return Velocity(float(at), _LN_SD[how], how)
    if channel is not None:
        names = ("slope", "manning_n", "bottom_width_m", "side_slope")
        column = {name: np.array([value]) for name, value in zip(names, channel, strict=True)}
        state = hydraulics(np.array([flow_m3_s]), **column)
        return Velocity(float(state.velocity_m_s[0]), _LN_SD["manning"], "manning")
    if drainage_m2 is None:
        raise Problem("river.velocity_unknown")
    found = peak_velocity(
        flow_m3_s, drainage_m2=drainage_m2, mean_flow_m3_s=mean_flow_m3_s, slope=slope
    )
    return Velocity(found, _LN_SD["jobson"], "jobson")


def mixing_length_m(state: Hydraulics, *, slope: Floats, from_bank: bool = True) -> Floats:
    """Return the length below an outfall until it is mixed over the width (完全混合长度).

    0.4 uB²/ε_t from the bank, 0.1 from the middle (Fischer et al. 1979). A section inside it may
    miss a bank outfall or over-read it.
    """
    depth = state.area_m2 / state.width_m
    shear = np.sqrt(GRAVITY * depth * np.maximum(slope, _LEAST_SLOPE))
    factor = 0.4 if from_bank else 0.1
    found: Floats = factor * state.velocity_m_s * state.width_m**2 / (_TRANSVERSE * depth * shear)
    return found
