"""Ports (端口): is it free, and who holds it."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from pathlib import Path

from qingyuan.core.problems import Problem
from qingyuan.host.processes import command_of
from qingyuan.host.settings import Address

__all__ = ["Holder", "check_free", "free_port", "holder_of"]

_LISTEN = "0A"  # TCP_LISTEN in /proc/net/tcp


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that listens on a port."""

    pid: int
    command: str


def check_free(address: Address, *, what: str, setting: str) -> None:
    """Raise unless *address* can be listened on.

    Parameters
    ----------
    address : Address
        Where *what* wants to listen; port 0 is always free.
    what : str
        Which part of the platform cannot start otherwise (``web``, ``gateway``).
    setting : str
        The setting that chooses another port.

    Raises
    ------
    Problem
        ``host.port_in_use`` naming the holder where the system tells it, ``host.address_not_ours``
        for an address of another machine or a port this user may not take.
    """
    try:
        _bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            holder = holder_of(address.port)
            who = f" {holder.command[:80]} (pid {holder.pid}) " if holder else " ? "
            raise Problem(
                "host.port_in_use", address=address, holder=who, what=what, setting=setting
            ) from None
        raise Problem(
            "host.address_not_ours",
            address=address, reason=error.strerror, what=what, setting=setting,
        ) from None  # fmt: skip


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port the system says is free now."""
    return _bind(Address(host, 0))


def _bind(address: Address) -> int:
    family, kind, protocol, _, where = socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM
    )[0]
    with socket.socket(family, kind, protocol) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
        tried.bind(where)
        tried.listen(1)
        return int(tried.getsockname()[1])


def holder_of(port: int) -> Holder | None:
    """Return who listens on *port*; None where it cannot be told (other users, not Linux)."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in inodes for link in (process / "fd").iterdir()):
                return Holder(int(process.name), command_of(int(process.name)))
        except OSError:
            continue
    return None
