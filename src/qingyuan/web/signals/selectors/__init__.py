"""Questions about signals; each takes the scope first."""

from qingyuan.web.signals.selectors.console import (
    STATES,
    Row,
    change_mark,
    counts_by_state,
    in_state,
    is_silenced,
    narrowed,
    rows,
    signals,
    silences,
    urgent_first,
    waiting_count,
)
from qingyuan.web.signals.selectors.integrity import (
    JUDGEMENTS,
    DoubtRow,
    counts_by_judgement,
    doubt_rows,
    doubts,
    judged,
    last_night,
    picture,
)

__all__ = [
    "JUDGEMENTS",
    "STATES",
    "DoubtRow",
    "Row",
    "change_mark",
    "counts_by_judgement",
    "counts_by_state",
    "doubt_rows",
    "doubts",
    "in_state",
    "is_silenced",
    "judged",
    "last_night",
    "narrowed",
    "picture",
    "rows",
    "signals",
    "silences",
    "urgent_first",
    "waiting_count",
]
