"""HTTP batches (批量接口): one request's bytes to an answer; no framework, no socket.

Every row gets its verdict. Sending the same batch again stores nothing twice: the key of a row is
that of the store (MN, kind, time, factor, suffix).
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from qingyuan.core.problems import Problem
from qingyuan.feeds.batch import MOST_BYTES
from qingyuan.feeds.intake import Arrival, Intake

__all__ = ["Answer", "receive"]

_log = logging.getLogger("qingyuan.feeds")
_SHOWN = 1000  # refused rows that are listed
_STATUS = {"feeds.too_large": 413, "feeds.media": 415, "feeds.too_many": 413}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of the answer."""

    status: int
    body: dict[str, Any]


def receive(
    intake: Intake, raw: bytes, *, media: str, source: str, allowed: Collection[str] | None
) -> Answer:
    """Keep a batch, then say what became of it.

    Returns
    -------
    Answer
        200 when every row was taken, 207 when some were refused, 422 when none was taken; 413,
        415 or 400 for a batch that cannot be read; 503 when nothing could be kept and it should be
        sent again.
    """
    if len(raw) > MOST_BYTES:  # not even kept
        return _whole(Problem("feeds.too_large", bytes=len(raw), most=MOST_BYTES))
    try:
        (outcome,) = intake.keep([Arrival(raw, media, source, allowed)])
    except Problem as problem:
        return Answer(503, {"problem": problem.as_dict()})
    try:
        intake.commit()
    except Exception as fault:  # noqa: BLE001 -- it is durable; the next commit takes it along
        _log.error("feed_commit_failed cause=%r", fault, exc_info=fault)
    if outcome.problem is not None:
        return _whole(outcome.problem)
    refused = [v for v in outcome.verdicts if not v.accepted]
    taken = len(outcome.verdicts) - len(refused)
    body: dict[str, Any] = {
        "accepted": taken,
        "refused": len(refused),
        "rows": [
            {"row": v.number, "code": v.reason, "zh": said.zh, "en": said.en}
            for v in refused[:_SHOWN]
            for said in [Problem(v.reason, given=v.detail)]
        ],
    }
    status = 200 if not refused else 207 if taken else 422
    return Answer(status, body)


def _whole(problem: Problem) -> Answer:
    return Answer(_STATUS.get(problem.code, 400), {"problem": problem.as_dict()})
