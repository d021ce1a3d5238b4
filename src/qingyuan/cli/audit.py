"""``qingyuan audit verify``: walk the audit chain and name the first broken link."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

__all__ = ["add_arguments"]

_REASONS = {
    "changed": ("内容被改动", "its content was changed"),
    "missing_before": ("此条缺失", "it is missing"),
    "unlinked": ("与上一条不相连", "it does not follow the entry before it"),
    "tail_missing": (
        "库外锚点之后的记录被截去",
        "the tail was cut off: an outside anchor names it",
    ),
}


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``audit verify``."""
    audit = verbs.add_parser("audit", help="审计链 / the audit chain")
    deeds = audit.add_subparsers(dest="deed", metavar="DEED", required=True)
    verify = deeds.add_parser(
        "verify", help="校验摘要链，指出第一处断开 / check the chain, name the first break"
    )
    verify.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    verify.set_defaults(run=_verify)


def _verify(call: argparse.Namespace) -> int:
    from qingyuan.cli.attach import attached_city

    with attached_city() as (folder, _):
        from qingyuan.web.audit import services
        from qingyuan.web.audit.models import Entry

        anchors = services.read_anchors(folder.path / services.ANCHOR_FILE)
        broken, count = services.verify(anchors), Entry.objects.count()
    if call.json:
        print(
            json.dumps(
                {
                    "ok": broken is None,
                    "entries": count,
                    "anchors": len(anchors),
                    "broken": asdict(broken) if broken else None,
                }
            )
        )
    elif broken is None:
        print(f"完整 / whole: {count} 条 entries, {len(anchors)} 个锚点 anchors")
    else:
        zh, en = _REASONS[broken.reason]
        print(f"第 {broken.seq} 条：{zh} / entry {broken.seq}: {en}")
    return 0 if broken is None else 1
