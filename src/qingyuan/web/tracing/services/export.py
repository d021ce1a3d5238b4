"""The event folder of a trace as one archive (导出事件文件夹), for anybody to run it again."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime

from django.conf import settings
from django.db import transaction

from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.tracing.models import Trace
from qingyuan.web.tracing.services.drawings import NAME

__all__ = ["pack_folder"]

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the archive of the same trace is the same bytes


@transaction.atomic
def pack_folder(trace: Trace, *, by: User, at: datetime) -> bytes:
    """Return the folder with ``answer.json`` as a zip; ``qingyuan trace FOLDER`` gives that answer.

    Raises
    ------
    Problem
        ``tracing.no_folder``.
    """
    folder = settings.FOLDER.events / trace.folder_name
    if not folder.is_dir():
        raise Problem("tracing.no_folder", folder=folder.name)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in folder.iterdir() if p.is_file() and p.name != NAME):
            _put(archive, path.name, path.read_bytes())
        answer = json.dumps(trace.answer, ensure_ascii=False, indent=1, sort_keys=True)
        _put(archive, "answer.json", answer.encode())
    audit.record(
        actor=Actor.of(by),
        deed="tracing.export_folder",
        target=trace.signal.ref,
        at=at,
        detail={"trace": str(trace.pk), "round": trace.round, "inputs": trace.inputs_sha256},
    )
    return held.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content)
