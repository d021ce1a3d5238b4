"""Running a city (运行): ``up``, ``migrate``, ``backup``, ``restore``, ``doctor``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from qingyuan.core.problems import Problem
from qingyuan.host.settings import Settings

if TYPE_CHECKING:
    from qingyuan.host.folder import DataFolder
    from qingyuan.host.rights import Urls

__all__ = ["add_arguments"]


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the five verbs."""
    up = verbs.add_parser("up", help="运行一座正式城市 / run a city that is not the demo")
    up.set_defaults(run=_up)
    migrate = verbs.add_parser(
        "migrate", help="更新数据库表结构（up 会自动做）/ bring the tables up to date (up does it)"
    )
    migrate.set_defaults(run=_migrate)
    backup = verbs.add_parser(
        "backup",
        help="备份整座城市到一个文件，可在运行中做 / back up to one file, also while running",
    )
    backup.add_argument("file", type=Path, metavar="FILE", help="新文件 / a new file")
    backup.add_argument(
        "--with-secrets",
        action="store_true",
        help="连同密钥与密码（默认不含）/ keys and passwords too (left out by default)",
    )
    backup.set_defaults(run=_backup)
    restore = verbs.add_parser(
        "restore", help="从备份恢复到空的数据目录 / restore into an empty data folder"
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="备份文件 / the backup")
    restore.set_defaults(run=_restore)
    doctor = verbs.add_parser(
        "doctor",
        help="检查磁盘、端口、数据库、字体、浏览器 / examine disk, ports, database, fonts, browser",
    )
    doctor.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    doctor.set_defaults(run=_doctor)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _up(call: argparse.Namespace) -> int:
    from qingyuan.cli import show_problems
    from qingyuan.host.house import open_house

    settings = Settings.from_environment()
    with open_house(settings, kind="city") as house, house.supervise() as supervisor:
        supervisor.wait_ready()
        if not supervisor.was_asked_to_stop:
            _say(
                f"清源已就绪 / ready: http://{settings.web}  HJ 212: {settings.gateway}\n"
                f"数据 / data: {house.folder.path}  日志 / logs: {house.folder.logs}\n"
                "按 Ctrl-C 停止 / Ctrl-C stops it"
            )
            supervisor.run(on_end=_restarted, on_trouble=lambda problem: show_problems([problem]))
    return 0


def _restarted(name: str, code: int) -> None:
    _say(f"进程 {name} 退出（{code}），将重新启动 / {name} ended ({code}), starting it again")


def _migrate(call: argparse.Namespace) -> int:
    from qingyuan.host.folder import DataFolder
    from qingyuan.host.postgres import open_database

    settings = Settings.from_environment()
    folder = DataFolder(settings.data)
    with ExitStack() as stack:
        if settings.is_embedded:
            stack.enter_context(folder.hold())
            folder.create(folder.kind if folder.stamp.exists() else "city")
        database = stack.enter_context(open_database(folder, settings))
        _migrate_tables(folder, database.urls)
    return 0


def _migrate_tables(folder: DataFolder, urls: Urls) -> None:
    """Migrate as the owner, give the app role its rights, publish the devices."""
    from qingyuan.host.rights import grant_runtime_rights, role_of

    os.environ.update(
        DATABASE_URL=urls.app,
        DATABASE_OWNER_URL=urls.owner,
        QINGYUAN_DATABASE_ROLE="owner",
        QINGYUAN_DATA=str(folder.path),
    )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.web.project.settings")
    import django
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    django.setup()
    try:
        loader = MigrationLoader(connection, ignore_no_migrations=True)
        unknown = sorted(
            f"{app}.{name}"
            for app, name in loader.applied_migrations.keys() - loader.disk_migrations.keys()
            if app in loader.migrated_apps
        )
        if unknown:
            raise Problem("host.database_newer", names=", ".join(unknown[:5]))
        call_command("migrate", interactive=False, verbosity=0)
        grant_runtime_rights(urls.owner, app=role_of(urls.app))
        _publish_devices(folder)
    finally:
        connection.close()


def _publish_devices(folder: DataFolder) -> None:
    """Write ``devices.json``, which the gateway reads, from the registry."""
    from qingyuan.host.citytime import CityClock
    from qingyuan.web.registry.services import publish_devices

    publish_devices(folder.devices, at=CityClock(folder).now())


def _backup(call: argparse.Namespace) -> int:
    from qingyuan.host.backup import back_up
    from qingyuan.host.citytime import wall_now
    from qingyuan.host.folder import DataFolder

    settings = Settings.from_environment()
    made = back_up(
        call.file, folder=DataFolder(settings.data), settings=settings,
        with_secrets=call.with_secrets, at=wall_now(),
    )  # fmt: skip
    size = call.file.stat().st_size / 1e6
    print(f"{call.file}: {len(made.files)} 个文件 / files, {size:,.1f} MB")
    if not made.with_secrets:
        print("不含密钥与密码，请另行保管 / keys and passwords are not in it; keep them apart")
    return 0


def _restore(call: argparse.Namespace) -> int:
    from qingyuan.host.backup import restore
    from qingyuan.host.folder import DataFolder

    if not call.file.is_file():
        raise Problem("cli.no_such_file", path=call.file)
    settings = Settings.from_environment()
    made = restore(call.file, folder=DataFolder(settings.data), settings=settings)
    print(f"{settings.data}: {len(made.files)} 个文件，备份于 / files, backed up {made.created}")
    return 0


def _doctor(call: argparse.Namespace) -> int:
    from qingyuan.host.doctor import examine

    findings = examine(Settings.from_environment())
    if call.json:
        print(json.dumps([asdict(f) for f in findings], ensure_ascii=False))
    else:
        marks = {"good": "✓", "poor": "!", "bad": "✗"}
        for found in findings:
            print(f"{marks[found.state]} {found.name:9} {found.zh} / {found.en}")
    return 1 if any(found.state == "bad" for found in findings) else 0
