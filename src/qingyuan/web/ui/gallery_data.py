"""Invented content of the gallery (图册内容): one small river town, names as long as real ones."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

CASES: list[dict[str, Any]] = [
    {"no": "JD2026092200017", "title": "望澜桥断面氨氮超Ⅲ类限值", "enterprise": "莱西市沽河街道绿源再生水务有限责任公司第二污水处理厂", "district": "莱西分局", "person": "赵一鸣", "matter": "水环境", "state": "办理中", "tone": "now", "left": 6, "due": "2026-09-30", "cls": "Ⅳ", "value": "1.34", "multiple": "0.34"},
    {"no": "JD2026091800009", "title": "石桥镇印染园区雨水口晴天排水", "enterprise": "青岛石桥恒盛纺织印染股份有限公司", "district": "即墨分局", "person": "孙莉", "matter": "水环境", "state": "待复核", "tone": "warn", "left": 2, "due": "2026-09-24", "cls": "Ⅴ", "value": "1.87", "multiple": "0.87"},
    {"no": "JD2026091100041", "title": "大泽河入河排污口 PW-0127 总磷连续超标", "enterprise": "平度市大泽山镇畜禽粪污资源化利用处理中心（一期）", "district": "平度分局", "person": "欧阳文博", "matter": "入河排污口", "state": "逾期", "tone": "late", "left": -3, "due": "2026-09-17", "cls": "劣Ⅴ", "value": "0.46", "multiple": "1.30"},
    {"no": "JD2026090700133", "title": "数采仪离线超过 12 小时", "enterprise": "胶州湾新材料科技有限公司", "district": "胶州分局", "person": "李强", "matter": "自动监控", "state": "已办结", "tone": "ok", "left": None, "due": "2026-09-14", "cls": "", "value": "—", "multiple": "—"},
]  # fmt: skip

ALARMS: list[dict[str, Any]] = [
    {"at": "02:01", "where": "望澜桥断面", "what": "氨氮", "value": "1.34", "unit": "mg/L", "limit": "1.0", "times": 7, "state": "未确认", "tone": "late"},
    {"at": "01:30", "where": "姜山河入海口断面", "what": "总磷", "value": "0.24", "unit": "mg/L", "limit": "0.2", "times": 3, "state": "已确认", "tone": "now"},
    {"at": "昨日 22:15", "where": "北墅水库出口断面", "what": "溶解氧", "value": "4.6", "unit": "mg/L", "limit": "5", "times": 12, "state": "已恢复", "tone": "ok"},
]  # fmt: skip

SUSPECTS: list[dict[str, Any]] = [
    {"rank": 1, "name": "绿源再生水务第二污水处理厂总排口", "code": "PW-0042", "p": 0.58, "at": "09-21 17:40 ± 1.2 h", "bits": [("到达时间", 2.1), ("污染物构成", 1.3), ("自身在线数据", 0.9), ("许可排放量", 0.4)]},
    {"rank": 2, "name": "恒盛纺织印染废水排放口（DW001）", "code": "PW-0117", "p": 0.17, "at": "09-21 15:10 ± 2.0 h", "bits": [("到达时间", 0.8), ("污染物构成", -1.4), ("自身在线数据", 0.2), ("许可排放量", 0.9)]},
    {"rank": 3, "name": "沽河街道南关村雨污混接口", "code": "PW-0203", "p": 0.06, "at": "09-21 19:20 ± 0.8 h", "bits": [("到达时间", 1.1), ("污染物构成", -0.2), ("自身在线数据", 0.0), ("许可排放量", -1.8)]},
]  # fmt: skip


def _ammonia(hours: float) -> float:
    base = 0.62 + 0.07 * math.sin(hours / 24 * 2 * math.pi) + 0.015 * math.sin(hours * 2.7)
    return base + 0.78 * math.exp(-(((hours - 67) / 4.2) ** 2))


def _points(now: datetime, shift: float, scale: float) -> list[list[Any]]:
    out: list[list[Any]] = []
    for step in range(72 * 2 + 1):
        at = now - timedelta(hours=72) + timedelta(minutes=30 * step)
        hours = step / 2
        if 30 <= hours <= 34:
            continue
        value: float | None = round(_ammonia(hours + shift) * scale, 2)
        flag = "D" if 45 <= hours <= 46.5 else "N"
        out.append([int(at.timestamp() * 1000), None if hours == 29.5 else value, flag])
    return out


def series(now: datetime) -> dict[str, Any]:
    """Return the configuration of a chart with every trait: limit, gap, flags, upstream."""
    return {
        "title": "望澜桥断面 氨氮",
        "unit": "mg/L",
        "limit": {"value": "1.0", "class": "Ⅲ", "standard": "GB 3838-2002 表1"},
        "classes": [["Ⅰ", 0.15], ["Ⅱ", 0.5], ["Ⅲ", 1.0], ["Ⅳ", 1.5], ["Ⅴ", 2.0], ["劣Ⅴ", None]],
        "gap_minutes": 60,
        "selected": int((now - timedelta(hours=5)).timestamp() * 1000),
        "series": [
            {"name": "望澜桥", "points": _points(now, 0, 1)},
            {"name": "沽河大桥", "lag_hours": 6.0, "points": _points(now, 1.5, 0.72)},
        ],
    }


def series_rows(now: datetime) -> list[tuple[datetime, str, str, str]]:
    """Return the rows of the table beneath the chart, newest first."""
    rows = []
    for step in range(12):
        at = now - timedelta(minutes=30 * step)
        value = round(_ammonia(72 - step / 2), 2)
        rows.append((at, f"{value:.2f}", "Ⅳ" if value > 1 else "Ⅲ" if value > 0.5 else "Ⅱ", "N"))
    return rows


def spark(now: datetime) -> dict[str, Any]:
    """Return the small chart of a card."""
    return {**series(now), "series": [series(now)["series"][0]], "selected": None}


def fit(now: datetime) -> dict[str, Any]:
    """Return what the trace page's fit chart draws."""
    grid = [int((now - timedelta(hours=24 - step / 2)).timestamp() * 1000) for step in range(49)]
    mean = [round(_ammonia(48 + step / 2), 3) for step in range(49)]
    return {
        "title": "望澜桥断面 氨氮：最可能的排污口推算与实测",
        "unit": "mg/L",
        "limit": {"value": "1.0", "class": "Ⅲ", "standard": "GB 3838-2002 表1"},
        "observed": [[t, round(m + 0.05 * math.sin(i * 1.9), 2), "N"] for i, (t, m) in enumerate(zip(grid, mean, strict=True)) if i % 2 == 0],
        "fits": [
            {"name": "绿源再生水务第二污水处理厂总排口", "mean": [[t, m] for t, m in zip(grid, mean, strict=True)], "low": [[t, round(m * 0.86, 3)] for t, m in zip(grid, mean, strict=True)], "high": [[t, round(m * 1.15, 3)] for t, m in zip(grid, mean, strict=True)]},
            {"name": "恒盛纺织印染废水排放口（DW001）", "mean": [[t, round(0.62 + (m - 0.62) * 0.55 + 0.05, 3)] for t, m in zip(grid, mean, strict=True)]},
        ],
    }  # fmt: skip


# 一座沿河小城：干流自北向南，两条支流汇入。
_MAIN = [(120.36 + 0.03 * math.sin(k / 3), 37.02 - 0.03 * k) for k in range(14)]
_EAST = [(120.56 - 0.028 * k, 36.93 - 0.016 * k) for k in range(7)]
_WEST = [(120.18 + 0.028 * k, 36.82 - 0.018 * k + 0.004 * math.sin(k)) for k in range(7)]
_CLASSES = ("Ⅱ", "Ⅲ", "Ⅳ", "Ⅲ", "Ⅴ", "劣Ⅴ", "Ⅰ")
_NAMES = (
    "望澜桥",
    "沽河大桥",
    "姜山河入海口",
    "北墅水库出口",
    "石桥镇渡口",
    "大泽河口",
    "青山湖心",
)


def _feature(shape_kind: str, shape: object, /, **properties: object) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": shape_kind, "coordinates": shape},
        "properties": properties,
    }


def _rivers() -> list[dict[str, Any]]:
    out = []
    for name, line in (("沽河", _MAIN), ("姜山河", _EAST), ("大泽河", _WEST)):
        for k, (a, b) in enumerate(pairwise(line)):
            cls = _CLASSES[(k // 3 + len(name)) % 5] if name != "沽河" or k < 10 else "Ⅳ"
            out.append(
                _feature("LineString", [a, b], code=f"{name}-{k}", name=name, order=3 if name == "沽河" else 2, water_class=cls, upstream=name == "沽河" and k < 5)
            )  # fmt: skip
    return out


def _districts() -> list[dict[str, Any]]:
    boxes = (("莱西市", 120.1, 36.85, 120.4, 37.08), ("即墨区", 120.4, 36.78, 120.68, 37.08), ("平度市", 120.1, 36.55, 120.36, 36.85), ("城阳区", 120.36, 36.55, 120.68, 36.78))  # fmt: skip
    return [
        _feature(
            "Polygon",
            [[[w, s], [e, s], [e, n], [w, n], [w, s]]],
            code=name,
            name=name,
        )
        for name, w, s, e, n in boxes
    ]


def layer(name: str) -> dict[str, Any]:
    """Return a layer as GeoJSON, with the properties README.md documents."""
    sections = [
        _feature(
            "Point",
            [*_MAIN[2 * k]] if k < 5 else [*(_EAST[2] if k == 5 else _WEST[3])],
            code=f"S{k + 1:02d}", name=f"{_NAMES[k]}断面", target="Ⅲ", pollutants=["", "", "氨氮(0.34)", "", "氨氮(0.87)", "氨氮(1.61)、总磷(0.20)", ""][k], meets=k not in (2, 4, 5), time="2026-09-22T01:00:00+00:00", water_class=_CLASSES[k],
        )
        for k in range(7)
    ]  # fmt: skip
    spread = [
        (120.14 + (k * 0.6180339 % 1) * 0.5, 36.58 + (k * 0.4142135 % 1) * 0.46) for k in range(160)
    ]
    layers: dict[str, list[dict[str, Any]]] = {
        "districts": _districts(),
        "rivers": _rivers(),
        "sections": sections,
        "outfalls": [
            _feature("Point", [x + 0.012 * (-1) ** k, y + 0.008], code=f"PW-{k:04d}", name=f"{('沽河', '姜山河', '大泽河')[k % 3]}入河排污口 PW-{k:04d}", enterprise=f"清源市第{k}精细化工有限公司", p=[0.58, 0.17, 0.06, 0.03, 0.01][k] if k < 5 else None)
            for k, (x, y) in enumerate([*_MAIN[1:13], *_EAST[1:6], *_WEST[1:6]])
        ],
        "enterprises": [
            _feature("Point", [x, y], code=f"E{k:04d}", name=f"清源市第{k}精细化工有限公司", trade_name="化学原料和化学制品制造业")
            for k, (x, y) in enumerate(spread)
        ],
        "cases": [
            _feature("Point", [x + 0.02, y - 0.01], code=f"JD20260922{k:05d}", name="望澜桥断面氨氮超Ⅲ类限值", state=("交办", "办理", "逾期")[k % 3], left=(8, 4, -2)[k % 3])
            for k, (x, y) in enumerate(_MAIN[2:12:3])
        ],
        "air": [
            _feature("Point", [120.2 + 0.11 * k, 36.66 + 0.07 * (k % 3)], code=f"A{k}", name=f"空气站{k + 1}", aqi=(32, 77, 121, 168)[k], aqi_level=("优", "良", "轻度", "中度")[k])
            for k in range(4)
        ],
        "suspects": [
            _feature("Point", [x + 0.006, y + 0.004], code=f"PW-{k:04d}", name=name, p=p)
            for k, ((x, y), name, p) in enumerate(zip(_MAIN[:5], ("绿源再生水务第二污水处理厂总排口", "恒盛纺织印染废水排放口（DW001）", "沽河街道南关村雨污混接口", "清源市第四精细化工有限公司", "沽河镇卫生院"), (0.58, 0.17, 0.06, 0.03, 0.01), strict=True))
        ],
        "plume": [_feature("LineString", [list(p) for p in _MAIN[0:5]], code="plume-1", name="上游", p=0.8)],
    }  # fmt: skip
    return {"type": "FeatureCollection", "features": layers[name]}


def trace_config(*, layer: str) -> dict[str, Any]:
    """Return the configuration of the small map beside a trace."""

    def one(name: str, label: str, kind: str, src: str) -> dict[str, Any]:
        return {"name": name, "label": label, "kind": kind, "group": "溯源", "src": layer.replace("NAME", src), "card": ""}  # fmt: skip

    return {
        "bounds": [120.25, 36.75, 120.55, 37.05],
        "trace": True,
        "layers": [
            one("suspects", "嫌疑排污口", "suspects", "suspects"),
            one("plume", "可能的水团", "plume", "plume"),
            one("sections", "断面", "sections", "sections"),
            one("rivers", "河流", "rivers", "rivers"),
            one("districts", "行政区", "districts", "districts"),
        ],
    }


def map_config(*, layer: str, card: str, now: datetime) -> dict[str, Any]:
    """Return the configuration that the map element reads."""

    def one(name: str, label: str, kind: str, group: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "label": label, "kind": kind, "group": group, "src": layer.replace("NAME", name), "card": card.replace("NAME", name), **more}  # fmt: skip

    return {
        "bounds": [120.08, 36.53, 120.70, 37.10],
        "layers": [
            one("sections", "断面", "sections", "水"),
            one("rivers", "河流", "rivers", "水", card=""),
            one("outfalls", "入河排污口", "outfalls", "水"),
            one("air", "空气站", "air", "大气", on=False),
            one("enterprises", "企业", "enterprises", "污染源"),
            one("cases", "案件", "cases", "任务"),
            one("districts", "行政区", "districts", "底图", card=""),
        ],
        "time": {
            "from": (now - timedelta(days=3)).isoformat(),
            "to": now.isoformat(),
            "step_minutes": 60,
            "alarms": [
                {"at": (now - timedelta(hours=h)).isoformat(), "label": label}
                for h, label in (
                    (7, "望澜桥断面 氨氮"),
                    (20, "姜山河入海口断面 总磷"),
                    (51, "大泽河口断面 氨氮"),
                )
            ],
        },
    }
