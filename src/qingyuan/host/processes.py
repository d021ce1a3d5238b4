"""Processes (进程): start a command so that nothing of it is left behind.

Linux tells a child when its parent dies (``PR_SET_PDEATHSIG``); other systems do not, and there a
killed parent leaves its children to the next start, which finds them by their pid files.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

__all__ = ["command_of", "die_with_parent", "is_alive", "peak_memory_mb", "wait_gone"]

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(sent: signal.Signals = signal.SIGTERM) -> Callable[[], None] | None:
    """Return what a child does between fork and exec so that it gets *sent* when we die.

    None where the system has no such thing.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, int(sent))
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return prepare


def peak_memory_mb() -> int:
    """Return the most memory this process has held, in MB.

    Linux hands a parent's peak down in ``ru_maxrss``; its own stands in ``/proc/self/status``.
    """
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 * 1024 if sys.platform == "darwin" else 1024)


def is_alive(pid: int) -> bool:
    """Whether a process with this id runs (a zombie does not)."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            return stat.read_text("utf-8", "replace").rpartition(") ")[2][:1] not in ("Z", "X", "")
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_of(pid: int) -> str:
    """Return the command line of *pid*, or an empty text where it cannot be read."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode("utf-8", "replace").strip()


def wait_gone(pid: int, *, seconds: float) -> bool:
    """Wait until *pid* no longer runs; False if it still does after *seconds*."""
    until = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
