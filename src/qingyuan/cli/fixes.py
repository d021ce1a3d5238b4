"""``qingyuan fixes import``: bring a file of a survey fleet's fixes into a city's store."""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["add_arguments"]


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    fixes = verbs.add_parser(
        "fixes", help="走航定位数据入库 / bring fixes of a survey fleet into the store"
    )
    deeds = fixes.add_subparsers(dest="deed", metavar="DEED", required=True)
    bring = deeds.add_parser(
        "import", help="导入 CSV、JSON 或 Parquet / import CSV, JSON or Parquet"
    )
    bring.add_argument("file", metavar="FILE", type=Path)
    bring.set_defaults(run=_import)


def _import(call: argparse.Namespace) -> int:
    from qingyuan.cli.attach import attached_city

    content = call.file.read_bytes()
    with attached_city() as (_, at):
        from qingyuan.web.audit.services import Actor
        from qingyuan.web.surveys.services import import_fixes

        kept = import_fixes(
            content=content, name=call.file.name, by=Actor("console", "命令行 console"), at=at
        )
    refused = sum(kept.refused.values())
    print(f"入库 {kept.accepted} 条，拒收 {refused} 条 / {kept.accepted} stored, {refused} refused")
    for code, count in sorted(kept.refused.items()):
        print(f"  {code}: {count}")
    return 1 if refused else 0
