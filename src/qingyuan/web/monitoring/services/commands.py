"""Ask a device something, take it back, and follow what became of it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.hj212 import parse
from qingyuan.store.dialogues import Dialogues
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import SYSTEM, Actor
from qingyuan.web.monitoring.models import DeviceCommand, Follower
from qingyuan.web.monitoring.selectors.commands import Offer, flag_of
from qingyuan.web.registry.models import Device
from qingyuan.web.registry.services import change_device

__all__ = ["ask", "cancel", "expire", "follow_dialogues"]

_log = logging.getLogger("qingyuan.monitoring")
_NAME = "dialogues"
_COMMITS = 400
_SECRET = frozenset({"NewPW", "NewSK"})
_LOST = timedelta(minutes=10)  # past its time without a word: the gateway died meanwhile
_STATES = {
    "sent": DeviceCommand.State.SENT,
    "acknowledged": DeviceCommand.State.ACKNOWLEDGED,
    "answered": DeviceCommand.State.ACKNOWLEDGED,
    "done": DeviceCommand.State.DONE,
    "refused": DeviceCommand.State.REFUSED,
    "overtime": DeviceCommand.State.OVERTIME,
    "cancelled": DeviceCommand.State.CANCELLED,
}
_ORDER = {DeviceCommand.State.QUEUED: 0, DeviceCommand.State.SENT: 1, DeviceCommand.State.ACKNOWLEDGED: 2}  # fmt: skip
_ENDED = 3


@transaction.atomic
def ask(
    device: Device,
    offer: Offer,
    *,
    parameters: Iterable[tuple[str, str]],
    reason: str,
    by: User,
    at: datetime,
    wall: datetime,
) -> DeviceCommand:
    """Put a command into the outbox (下发命令); the audit entry is of the same transaction.

    Raises
    ------
    Problem
        ``monitoring.device_off`` for a device out of use; ``monitoring.command_waiting`` while the
        same command to it is still open.
    """
    Device.objects.select_for_update().get(pk=device.pk)  # two clicks must not ask twice
    if not device.active:
        raise Problem("monitoring.device_off", mn=device.mn)
    waiting = DeviceCommand.objects.filter(
        device=device, cn=offer.cn, state__in=DeviceCommand.OPEN, expires_at__gt=wall
    ).first()
    if waiting is not None:
        raise Problem("monitoring.command_waiting", mn=device.mn, cn=offer.cn, number=waiting.pk)
    given = [[name, value] for name, value in parameters]
    command = DeviceCommand.objects.create(
        device=device, cn=offer.cn, st=device.st, parameters=given, flag=flag_of(device),
        reason=reason, requested_by=by, requested_at=at, created_at=wall,
        expires_at=wall + timedelta(minutes=offer.minutes),
    )  # fmt: skip
    audit.record(
        actor=Actor.of(by),
        deed="monitoring.command",
        target=f"device:{device.mn}",
        at=at,
        clause="HJ 212-2017 6.4",
        detail={
            "command": command.pk,
            "cn": offer.cn,
            "reason": reason,
            "parameters": [[n, "***" if n in _SECRET else v] for n, v in given],
        },
    )
    return command


@transaction.atomic
def cancel(command: DeviceCommand, *, by: User, at: datetime) -> DeviceCommand:
    """Take a command back (撤销命令); one that was sent may have been done all the same.

    Raises
    ------
    Problem
        ``monitoring.command_ended`` when it has ended.
    """
    command = DeviceCommand.objects.select_for_update().get(pk=command.pk)
    if command.state not in DeviceCommand.OPEN:
        raise Problem("monitoring.command_ended", number=command.pk)
    was = command.state
    command.state = DeviceCommand.State.CANCELLED
    command.cancelled_by, command.cancelled_at, command.ended_at = by, at, at
    command.save(update_fields=["state", "cancelled_by", "cancelled_at", "ended_at"])
    audit.record(
        actor=Actor.of(by),
        deed="monitoring.cancel_command",
        target=f"device:{command.device_id}",
        at=at,
        detail={"command": command.pk, "cn": command.cn, "was": was},
    )
    return command


def expire(*, wall: datetime, at: datetime) -> int:
    """End what nobody sent in time, and what a gateway that died never told the end of."""
    open_ones = DeviceCommand.objects.filter(state__in=DeviceCommand.OPEN)
    never_sent = open_ones.filter(state=DeviceCommand.State.QUEUED, expires_at__lte=wall)
    lost = open_ones.exclude(state=DeviceCommand.State.QUEUED).filter(expires_at__lte=wall - _LOST)
    return never_sent.update(state=DeviceCommand.State.EXPIRED, ended_at=at) + lost.update(
        state=DeviceCommand.State.OVERTIME, ended_at=at
    )


@transaction.atomic
def follow_dialogues(kept: Dialogues, *, devices_path: Path) -> int:
    """Take what the gateway has told of commands since last time; return how many rows.

    The position and the commands are written together. When the log was cleaned away meanwhile,
    the rows still in the table are read again: events fold onto what is known.
    """
    row, _ = Follower.objects.select_for_update().get_or_create(name=_NAME)
    try:
        news = kept.news(row.version, most=_COMMITS)
        rows, version = news.rows, news.version
    except Problem as problem:
        if problem.code != "store.version_gone":
            raise
        version = kept.version()
        rows = kept.table.read(columns=[n for n in kept.table.schema.names if n != "day"])
        row.restarted += 1
        _log.warning("dialogues_read_again from=%s to=%s", row.version, version)
    if version == row.version:
        return 0
    told = [one for one in rows.sort_by("received_at").to_pylist() if one["command"] is not None]
    commands = DeviceCommand.objects.select_for_update().in_bulk({one["command"] for one in told})
    for one in told:
        command = commands.get(one["command"])
        if command is not None and command.device_id == one["mn"]:
            _apply(command, one, devices_path=devices_path)
    for command in commands.values():
        command.save()
    row.version, row.rows = version, row.rows + rows.num_rows
    row.save(update_fields=["version", "rows", "restarted"])
    return rows.num_rows


def _apply(command: DeviceCommand, told: Mapping[str, object], *, devices_path: Path) -> None:
    """Move a command on by one event; never back, but the device's own word beats our giving up."""
    at, event = told["received_at"], str(told["event"])
    state = _STATES.get(event)
    if state is None or not isinstance(at, datetime):
        return
    if event == "sent":
        command.sent_at = command.sent_at or at
    elif event == "acknowledged":
        command.acknowledged_at = command.acknowledged_at or at
    elif event == "answered":
        command.answers += 1
        command.answer = parse(bytes(told["raw"])).area[:1000]  # type: ignore[call-overload]  # bytes of the frame
    given_up = (DeviceCommand.State.EXPIRED, DeviceCommand.State.CANCELLED)
    held = (
        0
        if command.state in given_up and state == DeviceCommand.State.DONE
        else _ORDER.get(command.state, _ENDED)
    )  # type: ignore[call-overload]  # a state by its value
    if _ORDER.get(state, _ENDED) <= held:
        return
    command.state = state
    if state not in _ORDER:
        command.ended_at, command.result = at, str(told["result"])[:8]
        if state == DeviceCommand.State.DONE and command.cn == "1072":
            _adopt_password(command, at=at, path=devices_path)


def _adopt_password(command: DeviceCommand, *, at: datetime, path: Path) -> None:
    """Register the password a device has taken, and blank it in the command (1072)."""
    given = dict(command.parameters)
    try:
        change_device(
            command.device_id,
            changes={"password": given["NewPW"]},
            reason=f"命令 {command.pk}：设备已接受新密码",
            by=SYSTEM,
            at=at,
            path=path,
            clause="HJ 212-2017 1072",
        )
    except Problem as problem:  # it had this password already
        _log.info("password_kept mn=%s code=%s", command.device_id, problem.code)
    command.parameters = [["NewPW", "***"]]
