"""Print the pages of docs/ that are made from tables: problem codes, in both languages.

``--check`` compares instead of writing; ``make check`` runs it.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEADS = {
    "zh": (
        "# 问题代码\n\n由各房间的 messages.toml 生成（`make docs`），请勿手改。"
        "代码的前缀是房间名；`%(名)s` 处填入当时的值。\n",
        "| 代码 | 说明 |\n|---|---|\n",
    ),
    "en": (
        "# Problem codes\n\nPrinted from each room's messages.toml (`make docs`); do not edit. "
        "A code's prefix is its room; `%(name)s` is replaced by the value at hand.\n",
        "| code | meaning |\n|---|---|\n",
    ),
}


def problem_pages() -> dict[Path, str]:
    """Return path → text of the page of problem codes in each language."""
    tables = sorted(
        (ROOT / "src/qingyuan").rglob("messages.toml"), key=lambda path: path.parent.name
    )
    pages = {}
    for language, (head, columns) in HEADS.items():
        parts = [head]
        for path in tables:
            rows = tomllib.loads(path.read_text("utf-8"))
            lines = (
                f"| `{code}` | {rows[code][language].replace('|', '&#124;').replace(chr(10), ' ')} |"
                for code in sorted(rows)
            )
            parts.append(f"## {path.parent.name}\n\n{columns}" + "\n".join(lines) + "\n")
        pages[ROOT / f"docs/{language}/reference/problems.md"] = "\n".join(parts)
    return pages


def main() -> int:
    """Write the pages, or say which of them are not as the tables are."""
    call = argparse.ArgumentParser(description=__doc__)
    call.add_argument("--check", action="store_true")
    check = call.parse_args().check
    stale = []
    for path, text in problem_pages().items():
        if path.exists() and path.read_text("utf-8") == text:
            continue
        if check:
            stale.append(path.relative_to(ROOT).as_posix())
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    if stale:
        sys.stdout.write(f"需要 make docs / run make docs: {', '.join(stale)}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
