"""A table to take away (导出): at once, or in the background with a message when it is ready."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from procrastinate.contrib.django import app as jobs

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.exchange.books import MEDIA_TYPE, workbook
from qingyuan.web.exchange.layers import geojson, geopackage
from qingyuan.web.exchange.models import Export
from qingyuan.web.exchange.registered import exporter_named
from qingyuan.web.exchange.separated import separated
from qingyuan.web.exchange.services import kept
from qingyuan.web.exchange.tables import Cover, Exporter, Table
from qingyuan.web.notices.services import notify

__all__ = [
    "BACKGROUND_ROWS",
    "File",
    "export_now",
    "file_of",
    "forms_of",
    "has_file",
    "request_export",
    "run_export",
    "sweep_exports",
]

BACKGROUND_ROWS = 5000
_MOST_AN_HOUR = 60
_KEPT_DAYS = 3
_CLAUSE = "R005"


@dataclass(frozen=True, slots=True)
class File:
    """What is handed out: its name, its type, its bytes."""

    name: str
    media_type: str
    content: bytes


Maker = Callable[[Table, Cover], bytes]
_FORMS: dict[str, tuple[str, str, Maker]] = {
    "xlsx": ("xlsx", MEDIA_TYPE, lambda t, c: workbook(t.sheet, t.rows, c)),
    "csv": ("csv", "text/csv; charset=utf-8", lambda t, c: separated(t.sheet, t.rows, language=c.language)),
    "gb": ("csv", "text/csv; charset=gb18030", lambda t, c: separated(t.sheet, t.rows, language=c.language, encoding="gb18030")),
    "geojson": ("geojson", "application/geo+json", lambda t, c: geojson(t.sheet, t.rows)),
    "gpkg": ("gpkg", "application/geopackage+sqlite3", lambda t, c: geopackage(t.sheet, t.rows, at=c.at)),
}  # fmt: skip
_LAYERS = ("geojson", "gpkg")


def forms_of(table: Table, exporter: Exporter) -> tuple[str, ...]:
    """Return the formats a table may take; what needs a watermark goes as a workbook only."""
    if exporter.sensitive:
        return ("xlsx",)
    return tuple(name for name in _FORMS if name not in _LAYERS or table.sheet.shape)


def export_now(
    exporter: Exporter,
    table: Table,
    *,
    form: str,
    query: str,
    by: User,
    at: datetime,
    language: str,
) -> File:
    """Make the file and write down that it left the house.

    Raises
    ------
    Problem
        ``exchange.format_refused``, ``exchange.too_many_exports``.
    """
    _check(exporter, table, form, by=by, at=at)
    file = _made(exporter, table, form, by=by, at=at, language=language)
    with transaction.atomic():
        row = _row(exporter, table, form, query=query, by=by, at=at, language=language)
        _done(row, file, table, at=at)
    return file


def request_export(
    exporter: Exporter,
    table: Table,
    *,
    form: str,
    query: str,
    by: User,
    at: datetime,
    language: str,
) -> Export:
    """Let the background make the file; a message comes when it is ready."""
    _check(exporter, table, form, by=by, at=at)
    with transaction.atomic():
        row = _row(exporter, table, form, query=query, by=by, at=at, language=language)
        jobs.configure_task(
            "exchange.export", queueing_lock=f"exchange.export:{row.pk}", allow_unknown=True
        ).defer(export_id=str(row.pk))
    return row


def run_export(*, export_id: uuid.UUID | str, at: datetime) -> None:
    """Make the file of a request, within what its person may see now, and tell them."""
    row = Export.objects.select_related("by").get(pk=export_id)
    if row.state != Export.State.WAITING:
        return
    exporter = exporter_named(row.exporter, role_names(row.by, on=city_date(at)))
    if exporter is None:
        _failed(row, at=at)
        return
    try:
        with translation.override("en" if row.language == "en" else "zh-hans"):
            table = exporter.make(row.query, by=row.by, at=at)
            file = _made(exporter, table, row.form, by=row.by, at=at, language=row.language)
        kept.put(row.pk, "file", file.content)
    except Problem:
        _failed(row, at=at)
        return
    with transaction.atomic():
        _done(row, file, table, at=at)
        _tell(row, at=at)


def sweep_exports(*, at: datetime) -> None:
    """Remove the files of exports older than three days; the records stay."""
    old = Export.objects.filter(at__lt=at - timedelta(days=_KEPT_DAYS)).order_by("-at")[:200]
    for row in old:
        kept.drop(row.pk)


def file_of(row: Export) -> File:
    """Return the file of an export that is ready.

    Raises
    ------
    Problem
        ``exchange.file_gone``.
    """
    ending, media, _ = _FORMS[row.form]
    return File(f"{row.title}-{city_date(row.at):%Y%m%d}.{ending}", media, kept.get(row.pk, "file"))


def has_file(row: Export) -> bool:
    """Whether the file of an export can still be had."""
    return row.state == Export.State.DONE and (kept.place(row.pk) / "file").is_file()


def _check(exporter: Exporter, table: Table, form: str, *, by: User, at: datetime) -> None:
    known = forms_of(table, exporter)
    if form not in known:
        raise Problem("exchange.format_refused", given=form[:20], known="、".join(known))
    recent = Export.objects.filter(by=by, at__gt=at - timedelta(hours=1), at__lte=at).count()
    if recent >= _MOST_AN_HOUR:
        raise Problem("exchange.too_many_exports", most=_MOST_AN_HOUR)


def _made(
    exporter: Exporter, table: Table, form: str, *, by: User, at: datetime, language: str
) -> File:
    title = (exporter.title_en or exporter.title) if language == "en" else exporter.title
    cover = Cover(
        by=str(by),
        at=at,
        title=title,
        filters=table.filters,
        sensitive=exporter.sensitive,
        language=language,
    )
    ending, media, make = _FORMS[form]
    return File(f"{title}-{city_date(at):%Y%m%d}.{ending}", media, make(table, cover))


def _row(
    exporter: Exporter,
    table: Table,
    form: str,
    *,
    query: str,
    by: User,
    at: datetime,
    language: str,
) -> Export:
    return Export.objects.create(
        exporter=exporter.name,
        title_zh=exporter.title,
        title_en=exporter.title_en,
        query=query[:1000],
        form=form,
        language=language,
        rows=table.count,
        by=by,
        at=at,
    )


def _done(row: Export, file: File, table: Table, *, at: datetime) -> None:
    row.state, row.ready_at, row.rows = Export.State.DONE, at, table.count
    row.sm3 = hashlib.new("sm3", file.content).hexdigest()
    row.save()
    audit.record(
        actor=Actor.of(row.by),
        deed="exchange.export",
        target=f"export:{row.exporter}",
        at=at,
        clause=_CLAUSE,
        detail={"rows": row.rows, "form": row.form, "query": row.query[:400], "sm3": row.sm3},
    )


def _failed(row: Export, *, at: datetime) -> None:
    with transaction.atomic():
        row.state = Export.State.FAILED
        row.save(update_fields=["state"])
        _tell(row, at=at)


def _tell(row: Export, *, at: datetime) -> None:
    done = row.state == Export.State.DONE
    notify(
        [row.by],
        kind="exchange.export",
        title=f"{row.title_zh}：{'导出已生成' if done else '导出未能生成'}",
        title_en=f"{row.title_en or row.title_zh}: {'the file is ready' if done else 'the file could not be made'}",
        body=f"{row.rows} 行，三天内可下载" if done else "",
        body_en=f"{row.rows} rows, kept for three days" if done else "",
        url=reverse("exchange-history"),
        at=at,
    )
