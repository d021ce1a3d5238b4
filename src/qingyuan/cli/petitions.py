"""``qingyuan petitions reseal``: seal what stays unknown with the newest key."""

from __future__ import annotations

import argparse
import json

__all__ = ["add_arguments"]


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``petitions reseal``."""
    petitions = verbs.add_parser(
        "petitions", help="信访：来件人信息的密钥 / petitions: the keys of who reported"
    )
    deeds = petitions.add_subparsers(dest="deed", metavar="DEED", required=True)
    reseal = deeds.add_parser(
        "reseal",
        help="用现行密钥重封旧钥所封各行；中断后再运行即接续 / seal rows of older keys anew; goes on where it was broken off",
    )
    reseal.add_argument(
        "--new-key", action="store_true", help="先启用一把新钥 / take a new key into use first"
    )
    reseal.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    reseal.set_defaults(run=_reseal)


def _reseal(call: argparse.Namespace) -> int:
    from qingyuan.cli.attach import attached_city

    with attached_city() as (_, at):
        from qingyuan.web.petitions import seal, services

        if call.new_key:
            services.change_key(at=at)
        done = 0
        while rows := services.reseal(at=at):
            done += rows
        key = seal.current_key()
    if call.json:
        print(json.dumps({"key": key, "rows": done}))
    else:
        print(f"现行密钥 {key}，重封 {done} 行 / key {key} in use, {done} rows sealed anew")
    return 0
