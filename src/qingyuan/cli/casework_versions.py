"""``qingyuan casework diff``, ``dry-run``, ``diagram`` and ``golden`` (版本、试演、流程图、核对数)."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from qingyuan.cli.casework_files import gathered, history_of, lines_of, procedure_of, report
from qingyuan.core.problems import Problem, Problems

__all__ = ["run_diagram", "run_diff", "run_dry_run", "run_golden"]


def run_diff(args: argparse.Namespace) -> int:
    """Print what changed; ``--json`` is ``{old, new, needs_map, lost_states, moved_states,
    lost_clocks, changes: [{kind, name, how, key, zh, en}]}``.
    """  # noqa: D205
    from qingyuan.casework import diff

    try:
        old, new = procedure_of(args.old), procedure_of(args.new)
    except (Problem, Problems) as error:
        report(gathered(error), as_json=args.json)
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"读不了文件：{error} / cannot read it", file=sys.stderr)
        return 2
    found = diff(old, new)
    if args.json:
        answer = {
            "old": f"{old.name} {old.version}",
            "new": f"{new.name} {new.version}",
            "needs_map": found.needs_map,
            "lost_states": list(found.lost_states),
            "moved_states": list(found.moved_states),
            "lost_clocks": list(found.lost_clocks),
            "changes": [asdict(change) for change in found.changes],
        }
        print(json.dumps(answer, ensure_ascii=False))
        return 0
    for change in found.changes:
        print(f"{change.zh}\n  {change.en}")
    need = (
        "在办案件迁移须列对照表 / open cases need a map"
        if found.needs_map
        else "无须对照表 / no map needed"
    )
    print(f"{len(found.changes)} 处变更 / changes；{need}")
    return 0


def run_dry_run(args: argparse.Namespace) -> int:
    """Print how closed cases fare; ``--json`` is one object per case, ``{number, done, state, ended,
    deed, assumed, problem}`` (problem null when all went through). The status is 1 if any was refused.
    """  # noqa: D205
    from qingyuan.casework import dry_run

    try:
        told = dry_run(procedure_of(args.file), lines_of(args.cases, history_of))
    except (Problem, Problems) as error:
        report(gathered(error), as_json=args.json)
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"读不了文件：{error} / cannot read it", file=sys.stderr)
        return 2
    for r in told.replays:
        if args.json:
            row = {
                "number": r.number,
                "done": r.done,
                "state": r.state,
                "ended": r.ended,
                "deed": r.deed or None,
                "assumed": list(r.assumed),
                "problem": r.problem.as_dict() if r.problem else None,
            }
            print(json.dumps(row, ensure_ascii=False))
        elif r.problem:
            print(f"✗ {r.number}：第 {r.done + 1} 步 {r.deed}：{r.problem.zh}")
    if not args.json:
        print(f"{told.passed}/{len(told.replays)} 件可按此版本办完 / cases pass")
    return int(told.passed < len(told.replays))


def run_diagram(args: argparse.Namespace) -> int:
    """Print the diagram, as Mermaid text or SVG."""
    from qingyuan.casework import mermaid, svg

    try:
        procedure = procedure_of(args.file)
    except (Problem, Problems) as error:
        report(gathered(error), as_json=False)
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"读不了文件：{error} / cannot read it", file=sys.stderr)
        return 2
    draw = svg if args.svg else mermaid
    print(draw(procedure, language=args.language), end="")
    return 0


def run_golden(args: argparse.Namespace) -> int:
    """Print each golden number; ``--json`` is one list of ``{name, expected, got, ok, source, mark}``.

    The status is 1 if any differs.
    """
    from qingyuan.casework.golden import golden

    checks = golden()
    if args.json:
        rows = [
            {
                "name": c.name,
                "expected": c.expected,
                "got": c.got,
                "ok": c.ok,
                "source": c.source,
                "mark": c.mark,
            }
            for c in checks
        ]
        print(json.dumps(rows, ensure_ascii=False))
    else:
        for c in checks:
            sign = "✓" if c.ok else "✗"
            print(f"{sign} {c.name}：{c.got}" + ("" if c.ok else f"（应为 {c.expected}）"))
        print(f"{sum(c.ok for c in checks)}/{len(checks)}")
    return int(any(not c.ok for c in checks))
