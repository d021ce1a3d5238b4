"""The platform's programs (平台进程): which commands make a running city."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from qingyuan.host.folder import DataFolder
from qingyuan.host.rights import Urls
from qingyuan.host.settings import Address, Settings
from qingyuan.host.supervisor import Program

__all__ = ["platform_programs", "program_environment", "world_program"]

_WEB_WORKERS = 2
_WEB_THREADS = 8
_KEEP_ALIVE_S = 10  # live parts ask every 3 s; the connection should still be there


def program_environment(folder: DataFolder, settings: Settings, urls: Urls) -> Mapping[str, str]:
    """Return what every program is told: the folder, the addresses, the database as the app role.

    The owner's URL is handed on empty, so that no server process can change tables.
    """
    return {
        "QINGYUAN_DATA": str(folder.path),
        "QINGYUAN_WEB": str(settings.web),
        "QINGYUAN_GATEWAY": str(settings.gateway),
        "QINGYUAN_ENGINE": settings.engine,
        "DATABASE_URL": urls.app,
        "DATABASE_OWNER_URL": "",
        "QINGYUAN_DATABASE_ROLE": "app",
    }


def platform_programs(folder: DataFolder, settings: Settings, urls: Urls) -> list[Program]:
    """Return gateway, worker, the broker's client if any, and web, in the order they start."""
    environment = program_environment(folder, settings, urls)
    python = sys.executable
    beats = Path("/dev/shm")  # gunicorn's heartbeat file must not wait for a busy disk
    return [
        *_gateways(folder, settings, environment),
        Program("worker", (python, "-m", "qingyuan.web.worker"), environment),
        *_feeds(settings, environment),
        Program(
            "web",
            (python, "-m", "gunicorn", "qingyuan.web.project.wsgi", "--bind", str(settings.web),
             "--worker-class", "gthread", "--workers", str(_WEB_WORKERS),
             "--threads", str(_WEB_THREADS), "--timeout", "60", "--graceful-timeout", "8",
             "--keep-alive", str(_KEEP_ALIVE_S),
             "--no-control-socket", "--log-level", "warning",
             *(["--worker-tmp-dir", str(beats)] if beats.is_dir() else [])),
            environment,
        ),
    ]  # fmt: skip


def _gateways(
    folder: DataFolder, settings: Settings, environment: Mapping[str, str]
) -> list[Program]:
    """Return one gateway per process that is wanted; the first has the TLS port."""
    tls: tuple[str, ...] = ()
    if settings.gateway_tls is not None:
        tls = ("--tls-bind", str(settings.gateway_tls),
               "--tls-cert", str(settings.gateway_certificate),
               "--tls-key", str(settings.gateway_key))  # fmt: skip
    return [
        Program(
            f"gateway-{number}" if number else "gateway",
            (sys.executable, "-m", "qingyuan.gateway", "--data", str(folder.path),
             "--bind", str(address), "--keep-days", f"{settings.journal_days:g}",
             *(tls if not number else ())),
            environment,
        )
        for number, address in enumerate(settings.gateway_addresses)
    ]  # fmt: skip


def _feeds(settings: Settings, environment: Mapping[str, str]) -> list[Program]:
    """Return the client of a broker, if there is one; its password stays off the command line."""
    if settings.mqtt is None:
        return []
    told = {**environment, "QINGYUAN_MQTT": settings.mqtt}
    return [Program("feed", (sys.executable, "-m", "qingyuan.cli", "feed"), told)]


def world_program(
    folder: DataFolder, gateway: Address, environment: Mapping[str, str], *extra: str
) -> Program:
    """Return the synthetic city: stations that send to *gateway*."""
    return Program(
        "world",
        (sys.executable, "-m", "qingyuan.synth", "--data", str(folder.path),
         "--gateway", str(gateway), *extra),
        environment,
    )  # fmt: skip
