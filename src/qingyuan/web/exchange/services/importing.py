"""From a file to rows (导入): receive, check, confirm in one transaction; or nothing at all."""

from __future__ import annotations

import hashlib
import json
import unicodedata
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.apps import apps
from django.db import IntegrityError, OperationalError, connection, transaction
from django.urls import reverse
from procrastinate.contrib.django import app as jobs

from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.accounts.scope import role_names
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.exchange import read as reading
from qingyuan.web.exchange.faulty import faulty_workbook
from qingyuan.web.exchange.models import Import, ImportFault
from qingyuan.web.exchange.previews import digest_of, marks_of, moved, report_of
from qingyuan.web.exchange.registered import importer_named
from qingyuan.web.exchange.services import kept
from qingyuan.web.exchange.tables import Importer, Plan, Read, RowFault
from qingyuan.web.notices.services import notify

__all__ = [
    "BACKGROUND_ROWS",
    "check",
    "confirm",
    "receive",
    "recheck",
    "request_confirm",
    "sweep",
    "withdraw",
    "write_confirmed",
]

BACKGROUND_ROWS = 5000
_KEPT_DAYS = 7
_KEPT_DAYS_PERSONAL = 1
_STEP = 500  # rows between two notes of progress
_State = Import.State
_CLAUSE = "台账导入"


class _Moved(Exception):
    """What was kept changed after the preview: carries the new reading and plan."""

    def __init__(self, read: Read, plan: Plan) -> None:
        super().__init__()
        self.read, self.plan = read, plan


def receive(*, importer: Importer, content: bytes, name: str, by: User, at: datetime) -> Import:
    """Keep a file and check it: at once, or in the background when it is long (上传).

    Raises
    ------
    Problem
        ``exchange.nothing``, ``exchange.too_large``, ``exchange.not_written``; nothing is kept.
    """
    shown = _safe(name)
    lines = reading.lines(content, shown)
    key = uuid.uuid4()
    kept.put(key, "original", content)
    try:
        with transaction.atomic():
            row = Import.objects.create(
                id=key,
                importer=importer.name,
                title_zh=importer.sheet.title,
                title_en=importer.sheet.title_en,
                name=shown,
                size=len(content),
                sm3=hashlib.new("sm3", content).hexdigest(),
                by=by,
                at=at,
                lines=lines,
                personal=importer.personal,
            )
            _record("receive", row, by=by, at=at)
            if lines > BACKGROUND_ROWS:
                _enqueue("exchange.check", row)
    except BaseException:
        kept.drop(key)
        raise
    if lines <= BACKGROUND_ROWS:
        check(import_id=key, at=at)
        row.refresh_from_db()
    return row


def check(*, import_id: uuid.UUID | str, at: datetime) -> Import:
    """Read the file, ask the family what it would do, keep the preview; writes no row of theirs."""
    row = Import.objects.select_related("by").get(pk=import_id)
    if row.state not in (_State.WAITING, _State.CHECKING):
        return row
    Import.objects.filter(pk=row.pk).update(state=_State.CHECKING, checked=0)
    try:
        importer = _allowed(row, at=at)
        found, plan = _look(row, importer, at=at)
    except Problem as problem:
        _settle(row, _State.REFUSED, at=at, problem=problem)
        return row
    _keep_preview(row, importer, found, plan, at=at)
    return row


def recheck(*, row: Import, by: User, at: datetime) -> Import:
    """Check once more: what is kept may have changed, or the first check was cut short."""
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=row.pk)
        if held.state not in (_State.READY, _State.WAITING, _State.CHECKING):
            raise Problem("exchange.not_ready")
        held.state = _State.WAITING
        held.report = {}
        held.save(update_fields=["state", "report"])
        _record("recheck", held, by=by, at=at)
        if held.lines > BACKGROUND_ROWS:
            _enqueue("exchange.check", held)
            return held
    return check(import_id=held.pk, at=at)


def request_confirm(*, row: Import, leave_wrong: bool, by: User, at: datetime) -> Import:
    """Confirm at once, or in the background when it is long (确认)."""
    if row.lines <= BACKGROUND_ROWS:
        return confirm(import_id=row.pk, leave_wrong=leave_wrong, by=by, at=at)
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=row.pk)
        _check_confirmable(held, leave_wrong)
        held.state = _State.WRITING
        held.save(update_fields=["state"])
        _enqueue("exchange.write", held, leave_wrong=leave_wrong)
    return held


def confirm(*, import_id: uuid.UUID | str, leave_wrong: bool, by: User, at: datetime) -> Import:
    """Write what the preview showed, all of it or nothing (确认导入).

    The file is read and checked again while nobody else writes these tables; if it would now do
    anything else than the preview said, nothing is written and the preview is renewed.

    Parameters
    ----------
    leave_wrong : bool
        The person saw that some rows are wrong and wants the others.

    Raises
    ------
    Problem
        ``exchange.not_ready``, ``exchange.wrong_left``, ``exchange.changed_meanwhile``,
        ``exchange.database_refused``, or what the family refuses; nothing is written.
    """
    try:
        with transaction.atomic():
            row = (
                Import.objects.select_for_update(of=("self",))
                .select_related("by")
                .get(pk=import_id)
            )
            if row.state in (_State.DONE, _State.SAME):
                return row  # a second click
            _check_confirmable(row, leave_wrong)
            importer = _allowed(row, at=at)
            _hold(importer)
            found, plan = _look(row, importer, at=at, quiet=True)
            if digest_of(marks_of(plan)) != row.plan_sm3:
                raise _Moved(found, plan)
            row.result_url = importer.write(plan, by=by, at=at) or ""
            row.state, row.settled_at = _State.DONE, at
            row.save(update_fields=["state", "settled_at", "result_url"])
            _record("confirm", row, by=by, at=at, counts=True)
            _forget(row)
    except _Moved as change:
        raise _renewed(row, importer, change, at=at) from None
    except (IntegrityError, OperationalError) as fault:
        raise Problem("exchange.database_refused") from fault
    return row


def write_confirmed(*, import_id: uuid.UUID | str, leave_wrong: bool, at: datetime) -> None:
    """Write a confirmed import in the background and say how it ended.

    What was refused stands again as a preview with the reason; so does what failed by a fault of
    ours, which is raised further for the log.
    """
    row = Import.objects.select_related("by").get(pk=import_id)
    try:
        row = confirm(import_id=import_id, leave_wrong=leave_wrong, by=row.by, at=at)
    except Problem as problem:
        _back_to_preview(row, {"zh": problem.zh, "en": problem.en, "code": problem.code}, at=at)
    except Exception:
        ours = Problem("exchange.our_fault")
        _back_to_preview(row, {"zh": ours.zh, "en": ours.en, "code": ours.code}, at=at)
        raise
    else:
        _tell(row, at=at)


def _back_to_preview(row: Import, said: dict[str, str], *, at: datetime) -> None:
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=row.pk)
        if held.settled_at is not None:
            return
        held.state = _State.READY
        held.report = {**held.report, "problem": said}
        held.save(update_fields=["state", "report"])
        _tell(held, at=at)


def withdraw(*, row: Import, by: User, at: datetime) -> Import:
    """Give up an import; its file goes, the record stays (放弃)."""
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=row.pk)
        if held.settled_at is not None:
            return held
        if held.state == _State.WRITING:
            raise Problem("exchange.not_ready")
        held.state, held.settled_at = _State.WITHDRAWN, at
        held.save(update_fields=["state", "settled_at"])
        held.faults.all().delete()
        _record("withdraw", held, by=by, at=at)
        _forget(held)
    return held


def sweep(*, at: datetime) -> int:
    """Let previews nobody confirmed go: after seven days, after one when they hold personal data."""
    old = Import.objects.filter(settled_at=None, at__lt=at - timedelta(days=_KEPT_DAYS)).exclude(
        state=_State.WRITING
    ) | Import.objects.filter(
        settled_at=None, personal=True, at__lt=at - timedelta(days=_KEPT_DAYS_PERSONAL)
    ).exclude(state=_State.WRITING)
    count = 0
    with transaction.atomic():
        for row in old.select_for_update(skip_locked=True):
            row.state, row.settled_at = _State.EXPIRED, at
            row.save(update_fields=["state", "settled_at"])
            row.faults.all().delete()
            _forget(row)
            count += 1
    return count


def _allowed(row: Import, *, at: datetime) -> Importer:
    """Return the importer, if who uploaded may still use it."""
    importer = importer_named(row.importer, role_names(row.by, on=city_date(at)))
    if importer is None:
        raise Problem("exchange.not_allowed")
    return importer


def _check_confirmable(row: Import, leave_wrong: bool) -> None:
    if row.state not in (_State.READY, _State.WRITING):
        raise Problem("exchange.not_ready")
    if row.wrong and not leave_wrong:
        raise Problem("exchange.wrong_left", rows=row.wrong)


def _look(
    row: Import, importer: Importer, *, at: datetime, quiet: bool = False
) -> tuple[Read, Plan]:
    """Read the file and let the family judge its rows."""
    content = kept.get(row.pk, "original")
    told: Callable[[int], None] | None = None if quiet else _teller(row)
    if importer.reader:
        found = importer.reader(content, row.name)
    else:
        found = reading.rows(content, row.name, importer.sheet, told=told)
    plan = importer.check(found.rows, by=row.by, at=at)
    return found, Plan(plan.new, plan.changed, plan.same, (*found.faults, *plan.wrong))


def _teller(row: Import) -> Callable[[int], None]:
    def tell(count: int) -> None:
        if count % _STEP == 0:
            Import.objects.filter(pk=row.pk).update(checked=count)

    return tell


def _hold(importer: Importer) -> None:
    """Let nobody else import this table or write it until the transaction ends."""
    number = int.from_bytes(hashlib.sha256(importer.name.encode()).digest()[:8], "big", signed=True)
    tables = sorted(apps.get_model(name)._meta.db_table for name in importer.locks)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
        for table in tables:
            cursor.execute(
                f"LOCK TABLE {connection.ops.quote_name(table)} IN SHARE ROW EXCLUSIVE MODE"
            )


def _waits(row: Import) -> bool:
    """Whether nobody has confirmed or withdrawn it since it was read; the row stays locked."""
    held = Import.objects.select_for_update().values_list("settled_at", flat=True)
    return held.get(pk=row.pk) is None


def _keep_preview(
    row: Import,
    importer: Importer,
    found: Read,
    plan: Plan,
    *,
    at: datetime,
    more: Mapping[str, object] | None = None,
) -> None:
    """Write counts, faults and report, and the workbook with its errors; nothing once it is settled."""
    marks = marks_of(plan)
    wrong = {fault.row for fault in plan.wrong}
    nothing = not (plan.new or plan.changed or wrong)
    with transaction.atomic():
        if not _waits(row):
            return
        kept.put(
            row.pk, "marks", json.dumps(marks, ensure_ascii=False).encode("utf-8", "surrogatepass")
        )
        if plan.wrong:
            kept.put(row.pk, "errors.xlsx", faulty_workbook(importer.sheet, found, plan.wrong))
        ImportFault.objects.filter(of=row).delete()
        ImportFault.objects.bulk_create(
            (_fault(row, importer, found, fault) for fault in plan.wrong), batch_size=2000
        )
        row.total = found.total or len(found.rows)
        row.checked = row.total
        row.new, row.changed = len(plan.new), len(plan.changed)
        row.same, row.wrong = len(plan.same), len(wrong)
        row.plan_sm3 = digest_of(marks)
        row.report = {**report_of(importer, found, plan), **(more or {})}
        row.state = _State.SAME if nothing else _State.READY
        row.settled_at = at if nothing else None
        row.save()
        if nothing:
            _record("confirm", row, by=row.by, at=at, counts=True)
            _forget(row)
        if row.lines > BACKGROUND_ROWS and not more:
            _tell(row, at=at)


def _fault(row: Import, importer: Importer, found: Read, fault: RowFault) -> ImportFault:
    column = next((c for c in importer.sheet.columns if c.name == fault.column), None)
    return ImportFault(
        of=row,
        row=fault.row,
        cell=f"{found.letters.get(fault.column, '')}{fault.row}",
        column_zh=column.zh if column else "",
        column_en=column.en if column else "",
        value="" if row.personal else fault.value[:120],
        zh=fault.problem.zh[:400],
        en=fault.problem.en[:600],
    )


def _renewed(row: Import, importer: Importer, change: _Moved, *, at: datetime) -> Problem:
    """Keep the new preview and return the problem that says what changed since the old one."""
    try:
        before = json.loads(kept.get(row.pk, "marks"))
    except Problem:
        before = {}
    lines = moved(before, marks_of(change.plan))
    row.refresh_from_db()
    _keep_preview(
        row,
        importer,
        change.read,
        change.plan,
        at=at,
        more={"moved": lines[:50], "moved_count": len(lines)},
    )
    some = "、".join(str(line["row"]) for line in lines[:8]) + ("…" if len(lines) > 8 else "")
    return Problem("exchange.changed_meanwhile", rows=len(lines), lines=some)


def _settle(row: Import, state: Import.State, *, at: datetime, problem: Problem) -> None:
    with transaction.atomic():
        if not _waits(row):
            return
        row.state, row.settled_at = state, at
        row.report = {"problem": {"zh": problem.zh, "en": problem.en, "code": problem.code}}
        row.save(update_fields=["state", "settled_at", "report"])
        _record("refuse", row, by=row.by, at=at)
        _forget(row)
        if row.lines > BACKGROUND_ROWS:
            _tell(row, at=at)


def _forget(row: Import) -> None:
    """Remove the file once the transaction holds; personal data goes from the record as well."""
    transaction.on_commit(lambda: kept.drop(row.pk))
    if row.personal and row.settled_at is not None:
        row.faults.all().delete()
        row.report = {
            k: v for k, v in row.report.items() if k in ("problem", "hidden", "merged_count")
        }
        row.save(update_fields=["report"])


def _tell(row: Import, *, at: datetime) -> None:
    notify(
        [row.by],
        kind="exchange.import",
        title=f"{row.title_zh}：{row.get_state_display()}",
        title_en=f"{row.title_en or row.title_zh}: {row.state}",
        body=f"{row.name}：新增 {row.new}，变更 {row.changed}，相同 {row.same}，错误 {row.wrong}",
        body_en=f"{row.name}: {row.new} new, {row.changed} changed, {row.same} same, {row.wrong} wrong",
        url=reverse("exchange-import", args=[row.pk]),
        at=at,
    )


def _enqueue(task: str, row: Import, **more: object) -> None:
    jobs.configure_task(task, queueing_lock=f"{task}:{row.pk}", allow_unknown=True).defer(
        import_id=str(row.pk), **more
    )


def _record(deed: str, row: Import, *, by: User, at: datetime, counts: bool = False) -> None:
    detail: dict[str, object] = {"importer": row.importer, "sm3": row.sm3, "size": row.size}
    if counts:
        detail |= {"new": row.new, "changed": row.changed, "same": row.same, "wrong": row.wrong}
    audit.record(
        actor=Actor.of(by),
        deed=f"exchange.{deed}",
        target=f"import:{row.pk}",
        at=at,
        clause=_CLAUSE,
        detail=detail,
    )


def _safe(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    cleaned = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    return (cleaned or "file")[-160:]
