"""Progress (进度): one line on standard error, once something takes over two seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self, TextIO, TypeVar

__all__ = ["Progress"]

_T = TypeVar("_T")
_QUIET_SECONDS = 2.0
_TERMINAL_SECONDS = 0.2
_FILE_SECONDS = 10.0


class Progress:
    """Counts what is done and shows it now and then.

    Parameters
    ----------
    what : str
        What is counted, in both languages ("数据包 / packets").
    total : int, optional
        How many there will be.
    out : text stream
        Where to show it; standard error by default. A terminal's line is rewritten in place.
    clock : callable
        Seconds that only grow; tests hand in their own.
    """

    def __init__(
        self,
        what: str,
        *,
        total: int | None = None,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what, self._total, self._clock = what, total, clock
        self._out = sys.stderr if out is None else out
        self._terminal = self._out.isatty()
        self._started = clock()
        self._next = self._started + _QUIET_SECONDS
        self._shown = False
        self.done = 0

    def step(self, count: int = 1) -> None:
        """Count *count* more as done."""
        self.done += count
        now = self._clock()
        if now >= self._next:
            self._show(now)
            self._next = now + (_TERMINAL_SECONDS if self._terminal else _FILE_SECONDS)

    def over(self, items: Iterable[_T]) -> Iterator[_T]:
        """Yield each of *items*, counting it when the next is asked for."""
        with self:
            for item in items:
                yield item
                self.step()

    def _show(self, now: float) -> None:
        of = f"/{self._total:,}" if self._total is not None else ""
        line = f"{self._what} {self.done:,}{of} · {now - self._started:.0f} s"
        self._out.write(f"\r{line}\033[K" if self._terminal else f"{line}\n")
        self._out.flush()
        self._shown = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            self._show(self._clock())
            if self._terminal:
                self._out.write("\n")
