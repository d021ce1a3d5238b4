"""Several people at the same moment, each with a thread and a connection of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from qingyuan.core.problems import Problem

__all__ = ["together"]


def together(*acts: Callable[[], Any]) -> list[str]:
    """Do all at the same moment in threads of their own; return what became of each."""
    gate, said = threading.Barrier(len(acts)), [""] * len(acts)

    def run(n: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=20)
            act()
            said[n] = "done"
        except Problem as problem:
            said[n] = problem.code
        except Exception as error:  # noqa: BLE001 -- a deadlock or a broken constraint must show
            said[n] = f"{type(error).__name__}: {error}"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)
    return said
