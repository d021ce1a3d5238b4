"""The command line (命令行).

Room: the verbs of ``qingyuan``; thin, each in a module of its own, imported when it is called.
Knows: arguments, exit codes, how problems and progress are shown to a person.
Never knows: how anything is done; a verb calls one craft or one service.
Sources: docs/en/architecture.md; exit codes: 0 answered, 1 problems in the data, 2 wrong call.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import qingyuan
from qingyuan.cli.progress import Progress
from qingyuan.core.problems import Problem, Problems

__all__ = ["Progress", "main", "parser", "show_problems"]

# Each has ``add_arguments(subparsers)`` and sets ``run`` on what it adds. A module is named after
# its verb, except those that hold several.
_MODULES = (
    "hj212", "water", "air", "trace", "river", "casework", "city", "synth", "ops", "account", "demo", "audit", "bench", "feed", "fixes", "hotspots", "store", "petitions",
)  # fmt: skip
_HOLDS = {
    "ops": ("up", "migrate", "backup", "restore", "doctor"),
}
_DESCRIPTION = (
    "清源：城市生态环境局开放平台。每门手艺都可单独使用：文件进，文件出。\n"
    "Qingyuan: an open platform for a city's ecology-and-environment bureau. "
    "Every craft works alone: file in, file out."
)
_EPILOG = (
    "退出码 / exit codes: 0 已回答 answered · 1 数据有问题 problems in the data · "
    "2 用法有误 wrong call"
)


def parser(verb: str | None = None) -> argparse.ArgumentParser:
    """Return the parser, with only the module of *verb* imported when it is known."""
    top = argparse.ArgumentParser(
        prog="qingyuan",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"qingyuan {qingyuan.__version__}")
    verbs = top.add_subparsers(dest="verb", metavar="VERB", title="动词 / verbs")
    for module in _modules_of(verb):
        try:
            found = import_module(f"qingyuan.cli.{module}")
        except ModuleNotFoundError as missing:
            _add_missing(verbs, module, missing)
        else:
            found.add_arguments(verbs)
    return top


def _modules_of(verb: str | None) -> Sequence[str]:
    for module, verbs in _HOLDS.items():
        if verb in verbs:
            return (module,)
    return (verb,) if verb in _MODULES and verb not in _HOLDS else _MODULES


def _add_missing(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    module: str,
    missing: ModuleNotFoundError,
) -> None:
    """Keep the other verbs usable when one needs what is not installed; say what it needs."""
    if missing.name == f"qingyuan.cli.{module}":
        return

    def explain(_: argparse.Namespace) -> int:
        raise Problem("cli.not_installed", verb=module, module=missing.name)

    absent = verbs.add_parser(module, help=f"（未安装 / not installed: {missing.name}）")
    absent.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    absent.set_defaults(run=explain)


def show_problems(problems: Sequence[Problem]) -> None:
    """Print each problem on standard error in both languages."""
    for problem in problems:
        print(f"[{problem.code}]\n  {problem.zh}\n  {problem.en}", file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    known = parser(next((a for a in arguments if not a.startswith("-")), None))
    call = known.parse_args(arguments)
    run = getattr(call, "run", None)
    if run is None:
        known.print_help(sys.stderr)
        return 2
    try:
        code = run(call)
        sys.stdout.flush()
    except Problem as problem:
        show_problems([problem])
        return 2 if problem.code.startswith("cli.") else 1
    except Problems as problems:
        show_problems(problems.problems)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return int(code or 0)
