"""The deeds of audit: record one, anchor the chain outside, verify it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from qingyuan.core.periods import city_date
from qingyuan.web.audit.chain import GENESIS, Broken, digest_of, first_break
from qingyuan.web.audit.models import Entry

__all__ = [
    "ANCHOR_FILE",
    "SYSTEM",
    "Actor",
    "anchor",
    "hold_chain",
    "read_anchors",
    "record",
    "source_address",
    "verify",
]

ANCHOR_FILE = "audit-anchors.jsonl"  # in the data folder, outside the database
_CHAIN_LOCK = 0x5159_4155  # one chain, one advisory lock, held until the deed commits
source_address: ContextVar[str] = ContextVar("source_address", default="")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, as a value (行为人): survives the account it names."""

    ref: str
    label: str

    @classmethod
    def of(cls, user: object) -> Actor:
        """Return the actor a user account stands for."""
        return cls(ref=f"user:{user.username}", label=str(user))  # type: ignore[attr-defined]  # any account with a username


SYSTEM = Actor("system", "系统")


def hold_chain() -> None:
    """Take the chain's lock before other locks a deed needs, so that long deeds cannot deadlock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])


def record(
    *,
    actor: Actor,
    deed: str,
    target: str,
    at: datetime,
    clause: str = "",
    detail: Mapping[str, object] | None = None,
) -> Entry:
    """Append one entry in the caller's transaction; if it cannot be written, the deed fails.

    Parameters
    ----------
    actor : Actor
        Who did it.
    deed : str
        Stable name of the deed, ``app.verb`` (``cases.close_out``).
    target : str
        What it was done to, ``kind:key``.
    at : datetime
        City time of the deed; wall time is added here.
    clause : str
        Document and clause the deed rests on.
    detail : mapping, optional
        What else must be known later; JSON values, never personal data of a petitioner.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record belongs inside the deed's own transaction")
    hold_chain()
    last = Entry.objects.order_by("-seq").only("seq", "digest").first()
    previous = last.digest if last else GENESIS
    body: dict[str, object] = {
        "seq": last.seq + 1 if last else 1,
        "city_at": at,
        "wall_at": timezone.now(),
        "actor_ref": actor.ref,
        "actor_label": actor.label,
        "deed": deed,
        "target": target,
        "clause": clause,
        "address": source_address.get(),
        "detail": json.loads(json.dumps(detail or {}, ensure_ascii=False, default=str)),
    }
    return Entry.objects.create(
        **body, previous=previous, digest=digest_of(body, previous=previous)
    )


def _rows():
    return Entry.objects.order_by("seq").values().iterator(chunk_size=2000)


def verify(anchors: Mapping[int, str] | None = None) -> Broken | None:
    """Walk the whole chain against the outside anchors; None when every link holds."""
    with transaction.atomic():
        return first_break(_rows(), anchors=anchors)


def anchor(path: Path, *, at: datetime) -> tuple[int, str] | None:
    """Append number and digest of the newest entry to a file outside the database (每日锚定)."""
    last = Entry.objects.order_by("-seq").only("seq", "digest").first()
    if last is None:
        return None
    line = json.dumps({"seq": last.seq, "digest": last.digest, "at": at.isoformat()}) + "\n"
    with path.open("a", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return last.seq, last.digest


def read_anchors(path: Path) -> dict[int, str]:
    """Return the anchors kept in *path*: number → digest; none when there is no file."""
    if not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return {int(row["seq"]): row["digest"] for row in rows}


def last_anchored_day(path: Path) -> date | None:
    """Return the city day of the newest anchor in *path*, or None."""
    if not path.exists():
        return None
    lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    return city_date(datetime.fromisoformat(json.loads(lines[-1])["at"])) if lines else None
