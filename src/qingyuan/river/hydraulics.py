"""Hydraulics of a reach (水力): normal depth in a trapezoid by Manning, velocity and dispersion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.river.dispersion import GRAVITY, dispersion

__all__ = ["Hydraulics", "hydraulics", "normal_depth", "normal_flow"]

Floats: TypeAlias = NDArray[np.float64]
_LEAST_SLOPE = 1e-6  # m/m; a level reservoir bed still has a surface slope


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
