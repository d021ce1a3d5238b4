"""What the trace page draws (图与解释): curves, plumes and reasons, kept beside the event folder.

They follow from the event and the seed alone, so they are a cache: a lost file is made again.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from qingyuan import river
from qingyuan.core.problems import Problem
from qingyuan.host.folder import write_atomically

__all__ = ["NAME", "draw", "read_drawings"]

NAME = "drawings.json"
_CURVES, _PLUMES, _EXPLAINED, _ROUND = 6, 3, 400, 3


def draw(inquiry: river.Inquiry, folder: Path) -> dict[str, Any]:
    """Work out curves of the likeliest suspects, plumes of the first, reasons of all; keep them.

    Returns
    -------
    dict
        ``curves`` and ``plumes``: outfall → what `river.fitted_curves` and `river.plume` give;
        ``reasons``: outfall → what `river.explain_outfall` gives, for suspects upstream;
        ``round``: the samples of one sampling round, the best first.
    """
    likeliest = sorted(inquiry.trace.candidates, key=lambda c: (-c.involved, c.rank))
    ranked = [c.outfall for c in likeliest]
    rest = [o.outfall_id for o in inquiry.suspects.outfalls if o.outfall_id not in set(ranked)]
    made: dict[str, Any] = {
        "curves": {c: river.fitted_curves(inquiry, c) for c in ranked[:_CURVES]},
        "plumes": {c: river.plume(inquiry, c) for c in ranked[:_PLUMES]},
        "reasons": {c: river.explain_outfall(inquiry, c) for c in [*ranked, *rest][:_EXPLAINED]},
        "round": [one.as_json() for one in river.sampling_round(inquiry, count=_ROUND)],
    }
    write_atomically(folder / NAME, json.dumps(made, ensure_ascii=False, separators=(",", ":")))
    return made


@lru_cache(maxsize=4)  # every step of the time bar asks for the same file
def _parsed(path: Path, _changed_ns: int, _size: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def read_drawings(folder: Path, *, seed: int) -> dict[str, Any]:
    """Return the drawings of an event folder, made again where the file is gone or spoilt.

    Raises
    ------
    Problem
        Whatever the tracer refuses; ``tracing.no_folder`` when the folder itself is gone.
    """
    path = folder / NAME
    try:
        kept = path.stat()
        found = _parsed(path, kept.st_mtime_ns, kept.st_size)
    except (OSError, ValueError):
        if not folder.is_dir():
            raise Problem("tracing.no_folder", folder=folder.name) from None
        return draw(river.investigate(river.read_event(folder), seed=seed), folder)
    return found
