"""Links (链路): one socket of a device; bytes in, bytes out, and when reading waits."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import cast

from qingyuan.gateway.session import Session

__all__ = ["Link"]

_CHUNK = 4_096  # at most this much of one connection before the others have their turn
_BUFFER = bytearray(_CHUNK)  # one for all: what is read is taken at once
_WRITE_LIMIT = 65_536
_BURST_S = 20.0


class Link(asyncio.BufferedProtocol):
    """The socket of one connection (链路).

    Parameters
    ----------
    joined, received, left : callable
        Called with the link when it is there, with link and bytes (none at the end of the
        stream), and when it is gone.
    """

    def __init__(
        self,
        joined: Callable[[Link], bool],
        received: Callable[[Link, bytes], None],
        left: Callable[[Link], None],
    ) -> None:
        self._joined, self._received, self._left = joined, received, left
        self._transport: asyncio.Transport | None = None
        self.session: Session | None = None
        self.peer = "?:0"
        self.secure = False
        self.began = 0.0  # when the frame that is being received began
        self.heard = 0.0
        self.settled = False
        self.pending = 0  # records that are not durable yet
        self.ended = False  # the other side will send no more
        self.stuck_since: float | None = None  # it does not read its answers
        self._held: set[str] = set()
        self._allowance: float | None = None
        self._allowed_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket."""
        self._transport = cast(asyncio.Transport, transport)
        name = transport.get_extra_info("peername") or ("?", 0)
        self.peer = f"{name[0]}:{name[1]}"
        self.secure = transport.get_extra_info("ssl_object") is not None
        self._transport.set_write_buffer_limits(high=_WRITE_LIMIT)
        _keep_alive(transport.get_extra_info("socket"))
        if not self._joined(self):
            self.close()

    def get_buffer(self, sizehint: int) -> bytearray:
        """Lend the buffer."""
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what was read."""
        if self.session is not None:
            self._received(self, bytes(memoryview(_BUFFER)[:nbytes]))

    def eof_received(self) -> bool:
        """Take the end of the stream; what is not answered yet still will be."""
        if self.session is None:
            return False
        self.ended = True
        self._received(self, b"")
        return self.pending > 0 and not self.secure  # TLS has no half-open links

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave."""
        if self.session is not None:
            self._left(self)

    def pause_writing(self) -> None:
        """Read no more from one that does not read its answers."""
        self.stuck_since = asyncio.get_running_loop().time()
        self.hold("answers")

    def resume_writing(self) -> None:
        """Go on."""
        self.stuck_since = None
        self.release("answers")

    def send(self, data: bytes) -> bool:
        """Send bytes; return whether the link was still there."""
        if self._transport is None or self._transport.is_closing():
            return False
        self._transport.write(data)
        return True

    def hold(self, why: str) -> None:
        """Read no more until every reason is released."""
        if not self._held and self._transport is not None:
            with contextlib.suppress(RuntimeError):
                self._transport.pause_reading()
        self._held.add(why)

    def release(self, why: str) -> None:
        """Take one reason back."""
        self._held.discard(why)
        if not self._held and self._transport is not None and not self._transport.is_closing():
            with contextlib.suppress(RuntimeError):
                self._transport.resume_reading()

    def spend(self, packets: int, rate: float, now: float) -> float:
        """Spend *packets* of an allowance of *rate* a second; return how long to wait before more."""
        most = rate * _BURST_S
        if self._allowance is None:
            self._allowance = most
        grown = self._allowance + (now - self._allowed_at) * rate
        self._allowance, self._allowed_at = min(grown, most) - packets, now
        return max(-self._allowance / rate, 0.0)

    def close(self) -> None:
        """Close after what waits to be written."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()


def _keep_alive(sock: socket.socket | None) -> None:
    """Let the kernel find peers that vanished without a word (a mobile link, a power cut)."""
    if sock is None:
        return
    with contextlib.suppress(OSError, AttributeError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for option, value in (("TCP_KEEPIDLE", 300), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4)):
            if hasattr(socket, option):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
