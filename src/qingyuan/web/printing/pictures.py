"""Pictures of charts (图): SVG with the official colours, PNG for readers that know no SVG."""

from __future__ import annotations

from functools import cache

import typst

from qingyuan.reporting import Chart, svg
from qingyuan.web.ui.palette import scale

__all__ = ["chart_png", "chart_svg"]

_PPI = 192.0
_PAGE = (
    b"#set page(width: auto, height: auto, margin: 0pt)\n"
    b'#image(bytes(sys.inputs.drawing), format: "svg")'
)


@cache
def _colours() -> dict[str, tuple[str, str]]:
    steps = [*scale("water_class"), *scale("aqi_level")]
    return {step["name"]: (step["colour"], step["ink"]) for step in steps}


def chart_svg(chart: Chart) -> str:
    """Return the drawing of a chart."""
    return svg(chart, _colours())


def chart_png(drawing: str) -> bytes:
    """Return a drawing as a PNG at twice the resolution of a screen."""
    return bytes(
        typst.compile(_PAGE, format="png", ppi=_PPI, sys_inputs={"drawing": drawing})  # type: ignore[arg-type]  # bytes for one page
    )
