"""Options (运行选项): how a gateway is run, beside its folder and address."""

from __future__ import annotations

import resource
import ssl
from dataclasses import dataclass
from pathlib import Path

from qingyuan.core.problems import Problem

__all__ = ["Options", "files_allowed", "server_context"]

_SPARE_FILES = 200  # descriptors kept for the store


@dataclass(frozen=True, slots=True)
class Options:
    """How a gateway is run, beside its folder and address (运行选项).

    Parameters
    ----------
    commit_every : float
        Seconds between commits to the store.
    keep_days : float
        Days that committed segments of the journal are kept.
    database_url : str
        Where the outbox of commands is; empty for none.
    tls : tuple or None
        Address of the TLS port, certificate and key.
    most_links : int
        Connections at once; 0 for what the limit on open files allows.
    """

    commit_every: float = 1.2
    keep_days: float = 30.0
    database_url: str = ""
    tls: tuple[tuple[str, int], Path, Path] | None = None
    most_links: int = 0


def files_allowed() -> int:
    """Return how many connections the limit on open files allows."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 100_000 if soft == resource.RLIM_INFINITY else max(soft - _SPARE_FILES, 50)


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return what the TLS port shows its callers.

    Raises
    ------
    Problem
        ``gateway.no_certificate``.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as fault:
        raise Problem("gateway.no_certificate", path=certificate, cause=str(fault)) from fault
    return context
