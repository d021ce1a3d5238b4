"""Settings (设置): what the environment says, checked once, in one place.

========================  =================================================  =====================
variable                  what                                               default
========================  =================================================  =====================
QINGYUAN_DATA             the data folder                                    ./var/city
QINGYUAN_WEB              address of the pages                               127.0.0.1:8000
QINGYUAN_GATEWAY          address of the HJ 212 gateway                      127.0.0.1:8212
QINGYUAN_GATEWAYS         gateway processes, on this port and those after    1
QINGYUAN_GATEWAY_TLS      address of the gateway's TLS port                  none
QINGYUAN_GATEWAY_TLS_CERT certificate of the TLS port (PEM)                  none
QINGYUAN_GATEWAY_TLS_KEY  its private key (PEM)                              none
QINGYUAN_JOURNAL_DAYS     days that what arrived is kept byte by byte        30
QINGYUAN_ENGINE           duckdb or spark://host:port                        duckdb
QINGYUAN_SPARK            Spark settings, key=value, separated by spaces     none
DATABASE_URL              PostgreSQL as the role that runs (no DDL)          the embedded server
DATABASE_OWNER_URL        PostgreSQL as the role that migrates               the embedded server
QINGYUAN_MQTT             mqtt[s]://user:password@host[:port]/topic/filter   none
QINGYUAN_MAIL             smtp://[user[:password]@]host[:port]               none
QINGYUAN_MAIL_FROM        sender of the platform's mail                      qingyuan@localhost
QINGYUAN_OUTBOUND         hosts[:port] messages may be posted to             none
QINGYUAN_ADDRESS          address people reach the pages at, for links       http://QINGYUAN_WEB
QINGYUAN_CLAMD            clamd's socket (a path) or host:port              none: not scanned
QINGYUAN_CLAMD_AWAY       refuse or quarantine, while clamd is away          refuse
QINGYUAN_DATABASE_ROLE    app or owner: as which Django connects             app
========================  =================================================  =====================

Whoever migrates needs both database variables; a server process is given the first alone.
``QINGYUAN_DATABASE_ROLE=owner`` is set by
``qingyuan migrate`` and by the tests, and refused by the server processes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from qingyuan.core.problems import Problem, Problems

__all__ = ["Address", "Settings", "django_database"]


@dataclass(frozen=True, slots=True)
class Address:
    """Host and port to listen on or to call."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @classmethod
    def parse(cls, text: str, *, name: str) -> Address:
        """Read ``host:port``; *name* is the setting a problem should mention."""
        host, colon, port = text.strip().rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not (colon and host and port.isascii() and port.isdigit() and int(port) < 65536):
            raise Problem("host.setting_address", name=name, given=text)
        return cls(host, int(port))


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process."""

    data: Path
    web: Address
    gateway: Address
    engine: str
    database_url: str | None
    database_owner_url: str | None
    database_role: str
    mail: str | None
    gateways: int = 1
    gateway_tls: Address | None = None
    gateway_certificate: Path | None = None
    gateway_key: Path | None = None
    journal_days: float = 30.0
    mqtt: str | None = None
    mail_from: str = "qingyuan@localhost"
    outbound: frozenset[str] = frozenset()
    address: str = ""
    clamd: str | None = None
    clamd_away: str = "refuse"

    @property
    def gateway_addresses(self) -> list[Address]:
        """Where each gateway process listens: the gateway's port and those that follow it."""
        first = self.gateway
        return [
            Address(first.host, first.port + n if first.port else 0) for n in range(self.gateways)
        ]

    @property
    def is_embedded(self) -> bool:
        """Whether the database is the one `host.postgres` starts in the data folder."""
        return self.database_url is None

    @property
    def active_database_url(self) -> str | None:
        """The URL of the role this process runs as."""
        return self.database_owner_url if self.database_role == "owner" else self.database_url

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and check every variable; all problems are raised together as `Problems`."""
        env = os.environ if environ is None else environ
        problems: list[Problem] = []

        def address(name: str, default: str) -> Address:
            try:
                return Address.parse(env.get(name) or default, name=name)
            except Problem as problem:
                problems.append(problem)
                return Address.parse(default, name=name)

        def quantity(name: str, default: float, least: float) -> float:
            text = env.get(name) or ""
            try:
                given = float(text) if text else default
            except ValueError:
                given = least - 1
            if not least <= given < float("inf"):
                problems.append(Problem("host.setting_number", name=name, given=text, least=least))
                return default
            return given

        tls = env.get("QINGYUAN_GATEWAY_TLS")
        settings = cls(
            data=Path(env.get("QINGYUAN_DATA") or "var/city").absolute(),
            web=address("QINGYUAN_WEB", "127.0.0.1:8000"),
            gateway=address("QINGYUAN_GATEWAY", "127.0.0.1:8212"),
            engine=env.get("QINGYUAN_ENGINE") or "duckdb",
            database_url=env.get("DATABASE_URL") or None,
            database_owner_url=env.get("DATABASE_OWNER_URL") or None,
            database_role=env.get("QINGYUAN_DATABASE_ROLE") or "app",
            mail=env.get("QINGYUAN_MAIL") or None,
            gateways=int(quantity("QINGYUAN_GATEWAYS", 1, 1)),
            gateway_tls=address("QINGYUAN_GATEWAY_TLS", "127.0.0.1:0") if tls else None,
            gateway_certificate=_file(env.get("QINGYUAN_GATEWAY_TLS_CERT")),
            gateway_key=_file(env.get("QINGYUAN_GATEWAY_TLS_KEY")),
            journal_days=quantity("QINGYUAN_JOURNAL_DAYS", 30, 1),
            mqtt=env.get("QINGYUAN_MQTT") or None,
            mail_from=env.get("QINGYUAN_MAIL_FROM") or "qingyuan@localhost",
            outbound=frozenset(
                (env.get("QINGYUAN_OUTBOUND") or "").lower().replace(",", " ").split()
            ),
            address=(env.get("QINGYUAN_ADDRESS") or "").rstrip("/"),
            clamd=env.get("QINGYUAN_CLAMD") or None,
            clamd_away=env.get("QINGYUAN_CLAMD_AWAY") or "refuse",
        )
        problems += settings._problems()
        Problems.raise_any(problems)
        return settings

    def _problems(self) -> list[Problem]:
        found = []
        if self.engine != "duckdb" and not self.engine.startswith("spark://"):
            found.append(Problem("host.setting_engine", given=self.engine))
        if self.database_owner_url and not self.database_url:
            found.append(Problem("host.setting_one_database_url"))
        for name, url in (
            ("DATABASE_URL", self.database_url),
            ("DATABASE_OWNER_URL", self.database_owner_url),
        ):
            if url and urlsplit(url).scheme not in ("postgresql", "postgres"):
                found.append(
                    Problem("host.setting_database_scheme", name=name, given=urlsplit(url).scheme)
                )
        if self.gateway_tls and not (self.gateway_certificate and self.gateway_key):
            found.append(Problem("host.setting_tls"))
        if self.database_role not in ("app", "owner"):
            found.append(Problem("host.setting_role", given=self.database_role))
        if self.mail and urlsplit(self.mail).scheme not in ("smtp", "smtps"):
            found.append(Problem("host.setting_mail", given=urlsplit(self.mail).scheme))
        if self.clamd_away not in ("refuse", "quarantine"):
            found.append(Problem("host.setting_clamd_away", given=self.clamd_away))
        if self.address and urlsplit(self.address).scheme not in ("http", "https"):
            found.append(Problem("host.setting_public_address", given=self.address))
        return found


def _file(text: str | None) -> Path | None:
    return Path(text).absolute() if text else None


def django_database(url: str) -> dict[str, Any]:
    """Return the Django ``DATABASES`` entry of a PostgreSQL URL.

    ``postgresql://user:password@/name?host=/socket/folder`` and the usual ``@host:port/name`` are
    both read; other query values become libpq options.
    """
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or parts.hostname or ""
    port = options.pop("port", None) or parts.port or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": str(host),
        "PORT": str(port),
        "OPTIONS": options,
    }
