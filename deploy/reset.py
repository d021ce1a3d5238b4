"""Remove the demo city's data, unless it is in use or not a demo's."""

from __future__ import annotations

import os
import shutil
import sys

from qingyuan.cli import show_problems
from qingyuan.core.problems import Problem
from qingyuan.host.folder import DataFolder


def main() -> int:
    """Remove ``QINGYUAN_DATA`` or ``./var/demo``; only a folder stamped demo."""
    folder = DataFolder(os.environ.get("QINGYUAN_DATA", "var/demo"))
    if not folder.path.exists():
        return 0
    try:
        folder.check_kind("demo")
        with folder.hold():
            shutil.rmtree(folder.path)
    except Problem as problem:
        show_problems([problem])
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
