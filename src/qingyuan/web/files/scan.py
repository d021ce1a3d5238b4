"""Ask clamd about a file (查毒): its INSTREAM dialogue, over a socket path or host and port."""

from __future__ import annotations

import socket
import struct
from typing import Literal

from qingyuan.core.problems import Problem

__all__ = ["Verdict", "ask", "judge"]

Verdict = Literal["clean", "infected", "away"]
_PIECE = 1 << 16
_PATIENCE_S = 20.0


def _connect(address: str) -> socket.socket:
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(_PATIENCE_S)
        try:
            line.connect(address)
        except OSError:
            line.close()
            raise
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE_S)


def ask(content: bytes, *, address: str) -> tuple[Verdict, str]:
    """Return what clamd at *address* says of *content*, and the name of what it found.

    ``away`` when it does not answer, or answers that it cannot say: that is never taken for clean.
    """
    try:
        with _connect(address) as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _PIECE):
                piece = content[start : start + _PIECE]
                line.sendall(struct.pack("!I", len(piece)) + piece)
            line.sendall(struct.pack("!I", 0))
            said = b""
            while not said.endswith(b"\0") and len(said) < 4096:
                more = line.recv(1024)
                if not more:
                    break
                said += more
    except (OSError, ValueError):
        return "away", ""
    text = said.rstrip(b"\0").decode("utf-8", "replace").removeprefix("stream: ").strip()
    if text == "OK":
        return "clean", ""
    if text.endswith(" FOUND"):
        return "infected", text.removesuffix(" FOUND")[:80]
    return "away", text[:80]


def judge(content: bytes, *, name: str, address: str, away: str) -> Verdict | Literal["waiting"]:
    """Return ``clean`` or ``waiting`` for a file handed in, or refuse it.

    Raises
    ------
    Problem
        ``files.infected``; ``files.scanner_away`` when nothing may be kept unscanned.
    """
    verdict, found = ask(content, address=address)
    if verdict == "infected":
        raise Problem("files.infected", name=name, found=found)
    if verdict == "clean":
        return "clean"
    if away == "quarantine":
        return "waiting"
    raise Problem("files.scanner_away", name=name)
