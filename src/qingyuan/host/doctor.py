"""The doctor (体检): looks at what the platform stands on, changes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qingyuan.core.problems import Problem
from qingyuan.host.folder import DataFolder
from qingyuan.host.launch import binaries, namespaces_allowed
from qingyuan.host.ports import check_free
from qingyuan.host.postgres import Postgres
from qingyuan.host.rights import Urls, check_runtime_role, check_server
from qingyuan.host.settings import Settings

__all__ = ["Finding", "examine"]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_APPLE_FONT = Path("/System/Library/Fonts/PingFang.ttc")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: ``good``, ``poor`` (something will not work) or ``bad`` (cannot run)."""

    name: str
    state: str
    zh: str
    en: str


def examine(settings: Settings) -> list[Finding]:
    """Look at Python, disk, ports, database, fonts and browser."""
    return [
        _python(),
        _folder(DataFolder(settings.data)),
        _address("web", lambda: check_free(settings.web, what="web", setting="QINGYUAN_WEB")),
        _address(
            "gateway",
            lambda: check_free(settings.gateway, what="gateway", setting="QINGYUAN_GATEWAY"),
        ),
        _database(DataFolder(settings.data), settings),
        _fonts(),
        _browser(),
    ]


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", "good", f"Python {found}", f"Python {found}")


def _folder(folder: DataFolder) -> Finding:
    try:
        nearest = folder.path
        while not nearest.exists():
            nearest = nearest.parent
        kind = folder.kind if folder.stamp.exists() else "–"
        if not os.access(nearest, os.W_OK):
            raise Problem("host.folder_not_writable", path=folder.path, reason="EACCES")
        DataFolder(nearest).check_space()
    except Problem as problem:
        return Finding("data", "bad", problem.zh, problem.en)
    free = DataFolder(nearest).free_mb()
    return Finding(
        "data", "good",
        f"{folder.path}（{kind}），可用 {free:,} MB", f"{folder.path} ({kind}), {free:,} MB free",
    )  # fmt: skip


def _address(name: str, check: Callable[[], None]) -> Finding:
    try:
        check()
    except Problem as problem:
        return Finding(name, "poor", problem.zh, problem.en)
    return Finding(name, "good", "端口空闲", "port is free")


def _database(folder: DataFolder, settings: Settings) -> Finding:
    try:
        if settings.database_url and settings.database_owner_url:
            check_server(Urls(owner=settings.database_owner_url, app=settings.database_url))
            check_runtime_role(settings.database_url)
            return Finding("database", "good", "自备数据库可用", "your own server answers")
        install = binaries(folder.pg)
        if folder.stamp.exists() and Postgres(folder).is_running():
            return Finding("database", "good", "内置数据库正在运行", "the embedded server runs")
    except Problem as problem:
        return Finding("database", "bad", problem.zh, problem.en)
    means = ("", "")
    if os.geteuid() == 0:
        means = (
            ("（root：用户命名空间）", " (root: user namespace)")
            if namespaces_allowed()
            else ("（root：服务用户）", " (root: service user)")
        )
    return Finding(
        "database", "good", f"内置 {install.name}{means[0]}", f"embedded {install.name}{means[1]}"
    )


def _fonts() -> Finding:
    lister = shutil.which("fc-list")
    if lister:
        answer = subprocess.run(
            [lister, ":lang=zh-cn", "family"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        names = sorted({line.partition(",")[0] for line in answer.stdout.splitlines() if line})
    else:
        names = ["PingFang"] if _APPLE_FONT.exists() else []
    if names:
        return Finding("fonts", "good", f"中文字体：{names[0]}", f"Chinese fonts: {names[0]}")
    return Finding(
        "fonts", "poor",
        "没有中文字体，PDF 会缺字；请安装 fonts-noto-cjk",
        "no Chinese fonts, PDFs would lack characters; install fonts-noto-cjk",
    )  # fmt: skip


def _browser() -> Finding:
    for name in _BROWSERS:
        if path := shutil.which(name):
            return Finding("browser", "good", path, path)
    return Finding(
        "browser", "poor",
        "没有 Chromium；只影响浏览器测试", "no Chromium; only the browser tests need it",
    )  # fmt: skip
