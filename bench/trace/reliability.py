"""Draw the reliability diagram from the figures of ``qingyuan bench trace DIR --json``.

qingyuan bench trace DIR --json > figures.json
python bench/trace/reliability.py figures.json docs/images/trace-reliability.svg
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

_SIDE, _LEFT, _TOP = 360, 74, 24
_LEAST = 40.0  # hypotheses in a bin below which its dot is drawn hollow


def main() -> None:
    """Read the figures and write the picture."""
    call = argparse.ArgumentParser()
    call.add_argument("figures", type=Path)
    call.add_argument("picture", type=Path)
    args = call.parse_args()
    told = json.loads(args.figures.read_text("utf-8"))
    args.picture.write_text(draw(told["reliability"], len(told["events"])), "utf-8")


def draw(rows: list[dict[str, float]], events: int) -> str:
    """Return the diagram as SVG: stated probability against the share that was true."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE + 110} {_SIDE + 96}" '
        'font-family="Noto Sans CJK SC, Noto Sans SC, sans-serif" font-size="13" role="img">',
        "<title>溯源概率的可靠性 / reliability of the stated probabilities</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for tick in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        x, y = _x(tick), _y(tick)
        parts.append(
            f'<path d="M{x:.1f} {_y(0):.1f}V{_y(1):.1f}M{_x(0):.1f} {y:.1f}H{_x(1):.1f}" '
            'stroke="#e3e6ea" fill="none"/>'
            f'<text x="{x:.1f}" y="{_y(0) + 20:.1f}" text-anchor="middle" fill="#4a5560">{tick:g}</text>'
            f'<text x="{_x(0) - 8:.1f}" y="{y + 4:.1f}" text-anchor="end" fill="#4a5560">{tick:g}</text>'
        )
    parts.append(
        f'<path d="M{_x(0):.1f} {_y(0):.1f}L{_x(1):.1f} {_y(1):.1f}" stroke="#98a2ad" '
        'stroke-dasharray="5 4" fill="none"/>'
    )
    line = " ".join(f"{_x(r['stated']):.1f},{_y(r['true']):.1f}" for r in rows)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#1f6fb2" stroke-width="2"/>')
    for r in rows:
        low, high = _interval(r["true"], r["n"])
        x = _x(r["stated"])
        fill = "#1f6fb2" if r["n"] >= _LEAST else "#fff"
        parts.append(
            f'<path d="M{x:.1f} {_y(low):.1f}V{_y(high):.1f}" stroke="#1f6fb2" opacity=".45"/>'
            f'<circle cx="{x:.1f}" cy="{_y(r["true"]):.1f}" r="4" fill="{fill}" stroke="#1f6fb2">'
            f"<title>{r['stated']:.3f} → {r['true']:.3f} (n = {int(r['n'])})</title></circle>"
        )
    middle = _x(0.5)
    parts += [
        f'<text x="{middle:.0f}" y="{_y(0) + 42:.0f}" text-anchor="middle" fill="#1b2530">'
        "给出的概率 / stated probability</text>",
        f'<text transform="translate(22 {_y(0.5):.0f}) rotate(-90)" text-anchor="middle" '
        'fill="#1b2530">实际为真的比例 / share that was true</text>',
        f'<text x="{middle:.0f}" y="{_y(0) + 62:.0f}" text-anchor="middle" fill="#4a5560" '
        f'font-size="11">{events} 个未参与拟合的事件；竖线为 90 % 区间，空心不足 40 个 / not fitted on; hollow: n &lt; 40</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(p: float) -> float:
    return _LEFT + p * _SIDE


def _y(p: float) -> float:
    return _TOP + (1 - p) * _SIDE


def _interval(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's 90 % interval of a share of *n*."""
    z = 1.645
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return max(centre - half, 0.0), min(centre + half, 1.0)


if __name__ == "__main__":
    main()
