"""``qingyuan account``: the first administrator, and one-time links when nobody can sign in."""

from __future__ import annotations

import argparse

__all__ = ["add_arguments"]


def add_arguments(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``account invite`` and ``account first``."""
    account = verbs.add_parser(
        "account", help="账号：首个管理员、一次性链接 / first administrator, one-time links"
    )
    deeds = account.add_subparsers(dest="deed", metavar="DEED", required=True)
    first = deeds.add_parser(
        "first", help="建立首个系统管理员并给出一次性链接 / make the first system administrator"
    )
    first.add_argument("username", help="账号 / account name")
    first.add_argument("name", help="姓名 / the person's name")
    first.set_defaults(run=_first)
    invite = deeds.add_parser(
        "invite", help="给一个账号发一次性链接 / a one-time link for an account"
    )
    invite.add_argument("username", help="账号 / account name")
    invite.set_defaults(run=_invite)


def _link(token: str) -> str:
    from django.conf import settings
    from django.urls import reverse

    return f"{'https' if settings.HTTPS else 'http'}://{settings.HOST.web}{reverse('invitation', args=[token])}"


def _first(call: argparse.Namespace) -> int:
    from qingyuan.cli.attach import attached_city

    with attached_city() as (_, at):
        from qingyuan.web.accounts import services

        token = services.make_first_administrator(username=call.username, name=call.name, at=at)
        print(_link(token))
    return 0


def _invite(call: argparse.Namespace) -> int:
    from qingyuan.cli.attach import attached_city

    with attached_city() as (_, at):
        from qingyuan.web.accounts import services

        token = services.invite_by_name(username=call.username, at=at)
        print(_link(token))
    return 0
