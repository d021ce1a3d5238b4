"""Sentences of the evidence (证据说明), Chinese and English, from the numbers of one suspect."""

from __future__ import annotations

import numpy as np

from qingyuan.river.scene import Scene
from qingyuan.river.suspects import Suspects

__all__ = ["say"]

_SIGNS = {
    "jump": (
        "自动监测在推算排放时段内有突升",
        "its monitor jumps within the inferred release window",
    ),
    "flat": (
        "自动监测在推算排放时段内数值不变",
        "its monitor is flat within the inferred release window",
    ),
    "gap": (
        "自动监测在推算排放时段内缺数",
        "its monitor has a gap within the inferred release window",
    ),
    "quiet": (
        "自动监测在推算排放时段内平稳",
        "its monitor is quiet within the inferred release window",
    ),
    "silent": (
        "装有自动监测但无可用数据，保持先验",
        "it has a monitor without usable data: the prior is kept",
    ),
    "": ("无自动监测，保持先验", "it has no monitor: the prior is kept"),
}


def say(
    kind: str, scene: Scene, suspects: Suspects, i: int, bits: float, monitor: str
) -> tuple[str, str]:
    """Return what one kind of evidence says of suspect *i*, in Chinese and English."""
    outfall = suspects.outfalls[i]
    fit = suspects.fit_of(i)
    verdict = _verdict(bits)
    section = scene.event.alarm.section
    if kind == "prior":
        return (
            f"先验权重 {outfall.prior_weight:g}，{verdict[0]}",
            f"prior weight {outfall.prior_weight:g}, {verdict[1]}",
        )
    if kind == "timing":
        if fit is None:
            return (
                f"与断面 {section} 相连，但无法定时（之间有不流动的水体），时间证据不计",
                f"connected to {section} but undated (still water between): timing counts for nothing",
            )
        hours = float(np.sum(fit.weight * fit.travel_h))
        return (
            f"到断面 {section} 约 {hours:.1f} 小时，到达时间与过程形态{verdict[0]}",
            f"about {hours:.1f} h to section {section}; arrival and shape are {verdict[1]}",
        )
    if kind == "clean":
        return (
            f"其余断面（清洁或升高）的读数{verdict[0]}",
            f"what the other sections read, clean or risen, is {verdict[1]}",
        )
    if kind == "profile":
        return (
            f"各因子升幅比例与其历史或行业特征相比{verdict[0]}",
            f"the proportions of the rises against its history or trade are {verdict[1]}",
        )
    if kind == "mass":
        flow = outfall.max_flow_m3_s
        size = (
            ("最大流量未知", "greatest flow unknown")
            if flow is None
            else (
                f"最大流量 {flow:.3g} m³/s",
                f"greatest flow {flow:.3g} m³/s",
            )
        )
        return (
            f"{size[0]}，所需负荷{verdict[0]}",
            f"{size[1]}; the load needed is {verdict[1]}",
        )
    return _SIGNS[monitor]


def _verdict(bits: float) -> tuple[str, str]:
    if bits > 1:
        return "支持该排污口", "in favour of this outfall"
    if bits < -1:
        return "不利于该排污口", "against this outfall"
    return "与一般嫌疑源相当", "about as for the average suspect"
