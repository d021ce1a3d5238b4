"""The diagram as SVG (流程图): its own small layout, light and dark by the page's colours.

Only presentation attributes are used, no style sheet and no script, so that it stands in any page
and alone in a file. A dashed arrow goes back; a small loop counts the deeds that stay.
"""

from __future__ import annotations

from typing import Literal
from xml.sax.saxutils import escape

from qingyuan.casework.layout import HEIGHT, WIDTH, Arrow, Box, Plan, lay_out
from qingyuan.casework.model import Label, Procedure

__all__ = ["svg"]

Language = Literal["zh", "en"]
_SURFACE = "var(--tblr-bg-surface, Canvas)"
_ACCENT = "var(--tblr-primary, currentColor)"
_TRIES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)
_FONT = "system-ui, 'Noto Sans CJK SC', sans-serif"
Frame = tuple[float, float, float, float]


def svg(procedure: Procedure, *, language: Language = "zh", now: str | None = None) -> str:
    """Draw *procedure* (流程图).

    Parameters
    ----------
    procedure : Procedure
        Any version; faults do not hinder the drawing.
    language : {"zh", "en"}
        Of the labels.
    now : str, optional
        The state a case stands in, drawn with the accent colour.

    Returns
    -------
    str
        One ``<svg>`` element with title and description.
    """
    plan = lay_out(procedure)
    frames: list[Frame] = [_frame(box) for box in plan.boxes.values()]
    paths, words = [], []
    for arrow in plan.arrows:
        paths.append(_path(arrow, language))
        words.append(_words(arrow, language, frames, plan.width))
    parts = [
        _head(procedure, plan, language),
        *_bands(plan, language),
        *paths,
        _begin(plan.boxes[procedure.initial]),
        *(_state(procedure, plan, box, language, now) for box in plan.boxes.values()),
        *words,
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _say(label: Label, language: Language) -> str:
    return label.zh if language == "zh" else label.en


def _text_width(text: str, size: float) -> float:
    return sum(size if ord(sign) > 0x2E80 else size * 0.56 for sign in text)


def _cut(text: str, room: float, size: float) -> str:
    if _text_width(text, size) <= room:
        return text
    while text and _text_width(text + "…", size) > room:
        text = text[:-1]
    return text + "…"


def _head(procedure: Procedure, plan: Plan, language: Language) -> str:
    title = f"{_say(procedure.label, language)} {procedure.version}"
    told = (
        f"{len(procedure.states)} 个环节，{len(procedure.deeds)} 个动作"
        if language == "zh"
        else f"{len(procedure.states)} states, {len(procedure.deeds)} deeds"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {plan.width:.0f} {plan.height:.0f}" '
        f'width="{plan.width:.0f}" height="{plan.height:.0f}" role="img" font-size="13" '
        f'font-family="{_FONT}" color-scheme="light dark" fill="none" stroke-linecap="round">'
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>"
        '<defs><marker id="qy-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto-start-reverse"><path d="M0 .8 7 4 0 7.2z" '
        'fill="currentColor"/></marker></defs>'
    )


def _bands(plan: Plan, language: Language) -> list[str]:
    found = []
    for phase, x in plan.columns:
        left = x - WIDTH / 2 - 20
        found.append(
            f'<rect x="{left:.0f}" y="12" width="{WIDTH + 40:.0f}" height="{plan.height - 24:.0f}" '
            'rx="10" fill="currentColor" fill-opacity=".04"/>'
            f'<text x="{x:.0f}" y="38" text-anchor="middle" fill="currentColor" font-weight="600">'
            f"{escape(phase.zh if language == 'zh' else phase.en)}</text>"
        )
    return found


def _frame(box: Box) -> Frame:
    return box.x - WIDTH / 2, box.y - HEIGHT / 2, box.x + WIDTH / 2, box.y + HEIGHT / 2


def _begin(box: Box) -> str:
    y = box.y - HEIGHT / 2
    return (
        f'<circle cx="{box.x:.0f}" cy="{y - 20:.0f}" r="4.5" fill="currentColor"/>'
        f'<path d="M{box.x:.0f} {y - 15:.0f}V{y:.0f}" stroke="currentColor" '
        'marker-end="url(#qy-tip)"/>'
    )


def _state(procedure: Procedure, plan: Plan, box: Box, language: Language, now: str | None) -> str:
    state = procedure.states[box.name]
    x, y, _, _ = _frame(box)
    name = _say(state.label, language)
    here = box.name == now
    edge = _ACCENT if here else "currentColor"
    drawn = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{WIDTH:.0f}" height="{HEIGHT:.0f}" rx="8" '
        f'fill="{_SURFACE}" stroke="{edge}" stroke-width="{2.5 if here else 1.2}"/>'
    )
    if state.terminal:
        drawn += (
            f'<rect x="{x + 3.5:.1f}" y="{y + 3.5:.1f}" width="{WIDTH - 7:.0f}" '
            f'height="{HEIGHT - 7:.0f}" rx="5.5" stroke="{edge}" stroke-width="1"/>'
        )
    lines = _lines(name)
    for n, line in enumerate(lines):
        y = box.y + 4.5 + (n - (len(lines) - 1) / 2) * 15
        drawn += (
            f'<text x="{box.x:.1f}" y="{y:.1f}" text-anchor="middle" fill="currentColor">'
            f"{escape(line)}</text>"
        )
    return f"<g><title>{escape(name)}</title>{drawn}{_loop(plan, box, language)}</g>"


def _lines(name: str) -> list[str]:
    """Break a name too long for its box at the space nearest its middle; cut what is longer still."""
    room = WIDTH - 14
    blanks = [n for n, sign in enumerate(name) if sign == " "]
    if _text_width(name, 13) <= room or not blanks:
        return [_cut(name, room, 13)]
    at = min(blanks, key=lambda n: abs(n - len(name) / 2))
    return [_cut(name[:at], room, 13), _cut(name[at + 1 :], room, 13)]


def _loop(plan: Plan, box: Box, language: Language) -> str:
    """Draw the deeds that stay as one small loop with their number; its title names them."""
    labels = plan.stays.get(box.name, ())
    if not labels:
        return ""
    x, y = box.x + WIDTH / 2 - 22, box.y - HEIGHT / 2
    named = "、".join(_say(x, language) for x in labels)
    return (
        f"<g><title>{escape(named)}</title>"
        f'<path d="M{x - 9:.1f} {y:.1f}C{x - 13:.1f} {y - 20:.1f} {x + 13:.1f} {y - 20:.1f} '
        f'{x + 9:.1f} {y:.1f}" stroke="currentColor" stroke-opacity=".6" '
        'marker-end="url(#qy-tip)"/>'
        f'<text x="{x:.1f}" y="{y - 3:.1f}" text-anchor="middle" font-size="10" '
        f'fill="currentColor">{len(labels)}</text></g>'
    )


def _path(arrow: Arrow, language: Language) -> str:
    start, *rest = arrow.points
    curves = " ".join(f"{x:.1f} {y:.1f}" for x, y in rest)
    dashes = ' stroke-dasharray="5 4"' if arrow.back else ""
    named = " / ".join(_say(x, language) for x in arrow.deeds)
    return (
        f'<path d="M{start[0]:.1f} {start[1]:.1f}C{curves}" stroke="currentColor" stroke-opacity=".62"{dashes} '
        f'marker-end="url(#qy-tip)"><title>{escape(named)}</title></path>'
    )


def _words(arrow: Arrow, language: Language, taken: list[Frame], width: float) -> str:
    """Write the deeds beside the curve where nothing stands yet; *taken* grows by what is written."""
    named = [_say(x, language) for x in arrow.deeds]
    text = " / ".join(named[:2]) + (f" +{len(named) - 2}" if len(named) > 2 else "")
    text = _cut(text, 150, 11)
    wide = _text_width(text, 11) / 2 + 3
    best, room = arrow.at(0.5), -1.0
    for t in _TRIES:
        for shift in (0.0, -9.0, 9.0):
            x, y = arrow.at(t)
            x, y = min(max(x, wide + 4), width - wide - 4), y + shift
            mine = (x - wide, y - 8, x + wide, y + 8)
            clash = sum(_overlap(mine, other) for other in taken)
            if room < 0 or clash < room:
                best, room = (x, y), clash
        if room == 0:
            break
    x, y = best
    taken.append((x - wide, y - 8, x + wide, y + 8))
    return (
        f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="11" '
        f'fill="currentColor" stroke="{_SURFACE}" stroke-width="4" paint-order="stroke" '
        f'stroke-linejoin="round"><title>{escape(" / ".join(named))}</title>{escape(text)}</text>'
    )


def _overlap(a: Frame, b: Frame) -> float:
    """Return the area two frames share."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return wide * high if wide > 0 and high > 0 else 0.0
