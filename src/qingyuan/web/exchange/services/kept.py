"""Files that wait for their deed (暂存): one folder each, under the data folder, for its owner only."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings

from qingyuan.core.problems import Problem

__all__ = ["drop", "get", "place", "put"]


def place(key: UUID) -> Path:
    """Return the folder of one import or export."""
    folder: Path = settings.FOLDER.files / "exchange" / str(key)
    return folder


def put(key: UUID, name: str, content: bytes) -> None:
    """Write one file, on the disk before this returns.

    Raises
    ------
    Problem
        ``exchange.not_written``.
    """
    folder = place(key)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{name}.new"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.replace(folder / name)
    except OSError as fault:
        raise Problem("exchange.not_written", reason=fault.strerror or str(fault)) from fault


def get(key: UUID, name: str) -> bytes:
    """Return one file.

    Raises
    ------
    Problem
        ``exchange.file_gone``.
    """
    try:
        return (place(key) / name).read_bytes()
    except OSError as fault:
        raise Problem("exchange.file_gone") from fault


def drop(key: UUID) -> None:
    """Remove the folder and what is in it."""
    shutil.rmtree(place(key), ignore_errors=True)
