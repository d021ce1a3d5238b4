"""The chain (摘要链): how an entry is digested, and how a break is found. No database here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = ["GENESIS", "Broken", "digest_of", "first_break"]

GENESIS = "0" * 64
_FIELDS = (
    "seq",
    "city_at",
    "wall_at",
    "actor_ref",
    "actor_label",
    "deed",
    "target",
    "clause",
    "address",
    "detail",
)


@dataclass(frozen=True, slots=True)
class Broken:
    """The first broken link: which entry, and what is wrong with it."""

    seq: int
    reason: str  # "changed" | "missing_before" | "unlinked" | "tail_missing"


def _text(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def digest_of(entry: Mapping[str, object], *, previous: str) -> str:
    """Return the SM3 of the entry's canonical JSON and the digest before it, in hexadecimal."""
    body = {name: _text(entry[name]) for name in _FIELDS}
    body["previous"] = previous
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.new("sm3", text.encode()).hexdigest()


def first_break(
    entries: Iterable[Mapping[str, object]],
    *,
    start: str = GENESIS,
    after: int = 0,
    anchors: Mapping[int, str] | None = None,
) -> Broken | None:
    """Walk the chain in order and name the first broken link, or None.

    Parameters
    ----------
    entries : iterable of mappings
        Rows of the table in order of ``seq``.
    start, after
        Digest and number of the entry before the first one given.
    anchors : mapping, optional
        Number → digest as kept outside the database; a tail cut off shows only against these.
    """
    previous, expected = start, after + 1
    waiting = dict(anchors or {})
    for entry in entries:
        seq = int(str(entry["seq"]))
        if seq != expected:
            return Broken(expected, "missing_before")
        if entry["previous"] != previous:
            return Broken(seq, "unlinked")
        if entry["digest"] != digest_of(entry, previous=previous):
            return Broken(seq, "changed")
        if seq in waiting and waiting.pop(seq) != entry["digest"]:
            return Broken(seq, "changed")
        previous, expected = str(entry["digest"]), seq + 1
    left = [seq for seq in waiting if seq > after]
    return Broken(min(left), "tail_missing") if left else None
