"""The fleet's doors (走航数据入库): the published register, and files brought by hand."""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection, transaction

from qingyuan.core.gcj02 import from_gcj02
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.feeds import Vehicle, VehiclesFile, judge_fix, read_fixes
from qingyuan.feeds.batch import CSV, JSON
from qingyuan.feeds.fleet import called
from qingyuan.feeds.intake import Arrival
from qingyuan.host.folder import write_atomically
from qingyuan.store.fixes import Fixes
from qingyuan.store.quarantine import Quarantine
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.surveys.models import FixFile, Mounting

__all__ = ["MOST_FILE_BYTES", "import_fixes", "publish_vehicles"]

MOST_FILE_BYTES = 200_000_000
_MOST_ROWS = 5_000_000
GCJ02 = "GCJ02"
_PUBLISHING = 0x5159_4656


def publish_vehicles(path: Path, *, at: datetime) -> None:
    """Write ``vehicles.json``: which devices may send fixes, and for which days (发布走航名册)."""
    spans: dict[str, list[list[str | None]]] = defaultdict(list)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PUBLISHING])
        for row in Mounting.objects.order_by("device", "valid_from"):
            until = row.valid_to.isoformat() if row.valid_to else None
            spans[row.device].append([row.valid_from.isoformat(), until])
        vehicles = [{"device": device, "spans": spans[device]} for device in sorted(spans)]
        document = {"version": 1, "published_at": at.isoformat(), "vehicles": vehicles}
        write_atomically(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def import_fixes(
    *, content: bytes, name: str, by: Actor, at: datetime, user: User | None = None, datum: str = ""
) -> FixFile:  # fmt: skip
    """Keep the fixes of a file (CSV, JSON or Parquet): every row stored or counted with its reason.

    Places in *datum* ``GCJ02`` are shifted back first; empty is CGCS2000 or WGS-84.

    Raises
    ------
    Problem
        ``surveys.same_file`` if these very bytes came before, ``surveys.file_large``,
        ``feeds.fixes_unreadable``; nothing is stored then.
    """
    if len(content) > MOST_FILE_BYTES:
        raise Problem("surveys.file_large", megabytes=MOST_FILE_BYTES // 1_000_000)
    digest = hashlib.sha256(content).hexdigest()
    before = FixFile.objects.filter(sha256=digest).first()
    if before is not None:
        raise Problem("surveys.same_file", name=before.name, at=before.brought_at)
    publish_vehicles(settings.FOLDER.vehicles, at=at)
    vehicles = VehiclesFile(settings.FOLDER.vehicles)()
    kept, refusals = _judged(content, name=name, datum=datum, vehicles=vehicles, at=at)
    refused = Counter[str]()
    for (_, reason), count in refusals.items():
        refused[reason] += count
    days = [city_date(row["time"]) for row in kept]
    with transaction.atomic():
        file = FixFile.objects.create(
            name=name[:200], sha256=digest, datum=datum or "CGCS2000", accepted=len(kept), refused=dict(sorted(refused.items())),
            first=min(days, default=None), last=max(days, default=None), brought_by=user,
            brought_by_label=by.label, brought_at=at,
        )  # fmt: skip
        audit.record(
            actor=by, deed="surveys.import_fixes", target=f"fixfile:{file.pk}", at=at,
            detail={"name": name, "accepted": len(kept), "refused": dict(refused), "sha256": digest, "datum": datum or "CGCS2000"},
        )  # fmt: skip
        # last: a failure here takes the file's row back, and its bytes may come again
        app = (f"file-{digest[:24]}", 1)
        if refusals:
            Quarantine(settings.FOLDER.store).append(
                _set_aside(refusals, name=name, at=at), app=app
            )
        if kept:
            Fixes(settings.FOLDER.store).append(kept, app=app)
    return file


def _set_aside(
    refusals: Mapping[tuple[str, str], int], *, name: str, at: datetime
) -> list[dict[str, object]]:
    """Return a row a device and reason; the file itself is not kept twice."""
    return [
        {"received_at": at, "peer": f"file:{name[:60]}", "mn": device, "reason": reason, "verdict": "rejected", "count": count}
        for (device, reason), count in sorted(refusals.items())
    ]  # fmt: skip


def _judged(
    content: bytes, *, name: str, datum: str, vehicles: Mapping[str, Vehicle], at: datetime
) -> tuple[list[dict[str, Any]], Counter[tuple[str, str]]]:
    arrival = Arrival(b"", "", f"file:{name[:60]}")
    kept: list[dict[str, Any]] = []
    refused: Counter[tuple[str, str]] = Counter()
    rows = _rows(content, name=name)
    for number, row in enumerate(_unshifted(rows) if datum == GCJ02 else rows, 1):
        said = judge_fix(number, row, vehicles, received_at=at, source=arrival.source, arrival=arrival)  # fmt: skip
        if said.row is None:
            refused[said.mn, said.reason] += 1
        else:
            kept.append(dict(said.row))
    return kept, refused


def _unshifted(rows: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Shift places back from GCJ-02, many rows at a time; what is no place is left to be refused."""
    while some := list(islice(rows, 20_000)):
        places = np.array([[_number(row.get("lon")), _number(row.get("lat"))] for row in some])
        for row, (lon, lat) in zip(some, from_gcj02(places).tolist(), strict=True):
            yield {**row, "lon": lon, "lat": lat} if isfinite(lon) and isfinite(lat) else row


def _number(given: object) -> float:
    try:
        return float(given)  # type: ignore[arg-type]  # what is no number says so
    except (TypeError, ValueError):
        return float("nan")


def _rows(content: bytes, *, name: str) -> Iterator[Mapping[str, Any]]:
    if content[:4] == b"PAR1":
        try:
            table = pq.read_table(io.BytesIO(content))
        except (pa.ArrowInvalid, OSError) as fault:
            raise Problem("feeds.fixes_unreadable", cause=str(fault)[:120]) from None
        table = table.rename_columns([called(column) for column in table.column_names])
        missing = {"vehicle", "time", "lon", "lat"} - set(table.column_names)
        if missing:
            raise Problem("feeds.fixes_unreadable", cause=", ".join(sorted(missing)))
        for batch in table.to_batches(50_000):
            yield from batch.to_pylist()
        return
    if content.lstrip()[:1] in (b"{", b"["):
        yield from read_fixes(content, media=JSON, most=_MOST_ROWS)
        return
    yield from read_fixes(content, media=CSV, most=_MOST_ROWS)
