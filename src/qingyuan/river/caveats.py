"""Caveats (注意事项): what an honest reader must know beside the numbers."""

from __future__ import annotations

from qingyuan.river.background import NOT_MIXING
from qingyuan.river.profile import Effluents
from qingyuan.river.scene import Scene
from qingyuan.river.suspects import Suspects

__all__ = ["caveats_of"]


def caveats_of(
    scene: Scene, suspects: Suspects, effluents: Effluents
) -> tuple[tuple[str, str], ...]:
    """Return the caveats of a trace, each in Chinese and English."""
    found: list[tuple[str, str]] = list(scene.event.notes)
    alarm = scene.event.alarm
    if scene.signature is None:
        found.append(
            (
                f"断面 {alarm.section} 的读数没有高出自身本底，概率只反映先验。",
                f"Nothing at section {alarm.section} rises above its background; only priors count.",
            )
        )
    elif len(scene.signature.seen_hours) == 1:
        found.append(
            (
                "预警断面只有一次读数升高，排放时间和总量的区间较宽。",
                "Only one reading of the alarmed section has risen; time and mass are wide.",
            )
        )
    if alarm.factor in NOT_MIXING:
        found.append(
            (
                f"预警因子 {alarm.factor} 不按质量混合，溯源只用其他因子的升高。",
                f"The alarmed factor {alarm.factor} does not mix as mass; the others' rises are used.",
            )
        )
    if not scene.clock.gauged:
        found.append(
            (
                "没有可用的流量站数据，流量和流速按事前估计，误差较大。",
                "No usable gauge; flow and velocity are the estimates from before the event.",
            )
        )
    count = len(suspects.outfalls)
    if not count:
        found.append(
            (
                f"断面 {alarm.section} 上游没有登记的排污口。",
                f"No outfall is registered upstream of section {alarm.section}.",
            )
        )
    without = int((~effluents.own_history).sum())
    if without:
        found.append(
            (
                f"上游 {count} 个排污口中有 {without} 个没有采样历史，只能按行业特征比对。",
                f"{without} of {count} outfalls upstream have no sampling history; their trade's stands in.",
            )
        )
    undated = int((~suspects.dated).sum())
    if undated:
        found.append(
            (
                f"有 {undated} 个排污口在不流动的水体（关闸）之后：相连但无法定时。",
                f"{undated} outfalls lie behind still water (a closed gate): connected but undated.",
            )
        )
    return tuple(found)
