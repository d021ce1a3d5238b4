"""``qingyuan casework``: check a procedure, explain a deadline, play deeds (办案规则).

Thin verbs over `qingyuan.casework`; every file is the caller's own.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from qingyuan.cli.casework_files import (
    gathered,
    instant,
    lines_of,
    move_of,
    procedure_of,
    report,
)
from qingyuan.cli.casework_versions import run_diagram, run_diff, run_dry_run, run_golden
from qingyuan.core.periods import city_date
from qingyuan.core.problems import Problem, Problems

if TYPE_CHECKING:
    from qingyuan.casework import Procedure
    from qingyuan.casework.clocks import Pause
    from qingyuan.core.calendar import TermExplanation, WorkCalendar

__all__ = ["add_arguments"]


def add_arguments(subparsers: Any) -> None:
    """Register the ``casework`` verbs; each sets ``run(args) -> int``."""
    room = subparsers.add_parser("casework", help="办案程序与期限 / procedures and deadlines")
    verbs = room.add_subparsers(dest="casework_verb", required=True)

    check = verbs.add_parser("check", help="检查办案程序文件 / check a procedure file")
    check.add_argument("file", nargs="?", help="TOML 文件，- 为标准输入；不写则检查随附的各程序")
    check.add_argument("--diagram", action="store_true", help="并输出 Mermaid 流程图")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=_check)

    deadline = verbs.add_parser("deadline", help="推算期限并说明 / compute and explain a deadline")
    deadline.add_argument("--rule", help="时限编号（INS-01）或 程序/时限（exceedance/handle）")
    deadline.add_argument("--start", required=True, help="起算日或时刻：2026-09-28[T10:00+08:00]")
    deadline.add_argument("--days", type=int, help="长度；与 --rule 二选一")
    deadline.add_argument(
        "--unit", choices=("workday", "day", "hour", "month", "year"), default="workday"
    )
    deadline.add_argument(
        "--pause", action="append", default=[], metavar="A..B", help="暂停日..恢复日"
    )
    deadline.add_argument("--extend", action="append", default=[], type=int, metavar="N")
    deadline.add_argument("--on", help="行为之日，据以选用时限的版本；默认为起算日")
    deadline.add_argument("--json", action="store_true")
    deadline.set_defaults(run=_deadline)

    simulate = verbs.add_parser("simulate", help="逐步推演动作 / play deeds over a procedure")
    simulate.add_argument("file", help="TOML 文件，或随附程序名（exceedance）")
    simulate.add_argument(
        "--deeds",
        required=True,
        help="JSON Lines：{deed, at, by, roles, units, enterprise, given, evidence}；- 为标准输入",
    )
    simulate.add_argument("--enterprise", help="案件所涉企业")
    simulate.add_argument("--json", action="store_true")
    simulate.set_defaults(run=_simulate)

    diff = verbs.add_parser("diff", help="两个版本的差异 / what changed between two versions")
    diff.add_argument("old", help="TOML 文件，或随附程序名")
    diff.add_argument("new", help="TOML 文件，或随附程序名")
    diff.add_argument("--json", action="store_true")
    diff.set_defaults(run=run_diff)

    dry = verbs.add_parser(
        "dry-run", help="以已结案件试演新版本 / play closed cases over a version"
    )
    dry.add_argument("file", help="TOML 文件，或随附程序名")
    dry.add_argument(
        "--cases",
        required=True,
        help="JSON Lines：{number, enterprise, moves: [{deed, at, by, roles, …}]}；- 为标准输入",
    )
    dry.add_argument("--json", action="store_true")
    dry.set_defaults(run=run_dry_run)

    diagram = verbs.add_parser("diagram", help="画出流程图 / draw a procedure")
    diagram.add_argument("file", help="TOML 文件，或随附程序名")
    diagram.add_argument("--svg", action="store_true", help="SVG；不写则为 Mermaid 文本")
    diagram.add_argument("--language", choices=("zh", "en"), default="zh")
    diagram.set_defaults(run=run_diagram)

    golden = verbs.add_parser(
        "golden", help="核对数 / the golden numbers of the founding documents"
    )
    golden.add_argument("--json", action="store_true")
    golden.set_defaults(run=run_golden)


def _check(args: argparse.Namespace) -> int:
    from qingyuan.casework import check, mermaid, shipped

    try:
        found = [procedure_of(args.file)] if args.file else list(shipped().values())
    except (Problem, Problems) as error:
        problems = gathered(error)
        if args.json:
            print(
                json.dumps(
                    {"file": args.file, "problems": [p.as_dict() for p in problems]},
                    ensure_ascii=False,
                )
            )
        else:
            report(problems, as_json=False)
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"读不了 {args.file}：{error} / cannot read it", file=sys.stderr)
        return 2
    code = 0
    for procedure in found:
        problems = check(procedure)
        code = code or int(bool(problems))
        if args.json:
            print(json.dumps(_told(procedure, problems), ensure_ascii=False))
        else:
            report(problems, as_json=False)
            verdict = f"{len(problems)} 处问题 / problems" if problems else "通过 / passed"
            print(
                f"{procedure.source}：{procedure.label.zh} {procedure.version}，"
                f"{len(procedure.states)} 个环节，{len(procedure.deeds)} 个动作，"
                f"{len(procedure.clocks)} 个时限：{verdict}"
            )
        if args.diagram:
            print(mermaid(procedure))
    return code


def _told(procedure: Procedure, problems: list[Problem]) -> dict[str, object]:
    return {
        "file": procedure.source,
        "name": procedure.name,
        "version": procedure.version,
        "digest": procedure.digest,
        "states": list(procedure.states),
        "deeds": list(procedure.deeds),
        "clocks": list(procedure.clocks),
        "problems": [problem.as_dict() for problem in problems],
    }


def _span(text: str) -> Pause:
    from qingyuan.casework.clocks import Pause

    start, _, end = text.partition("..")
    return Pause(instant(start), instant(end) if end else None)


def _asked(args: argparse.Namespace, calendar: WorkCalendar) -> dict[str, object]:
    """Compute the term asked for: a limit of the table, a clock of a procedure, or plain days."""
    from qingyuan.casework import LIMITS, answer, clocks, limit_on, shipped

    start = instant(args.start)
    pauses = tuple(map(_span, args.pause))
    extensions = tuple(clocks.Extension(n) for n in args.extend)
    if args.rule in LIMITS:
        limit = limit_on(args.rule, city_date(instant(args.on) if args.on else start))
        told = answer(limit, start, calendar=calendar, pauses=pauses, extensions=extensions)
        added = sum(e.amount for e in extensions)
        return {
            "source": limit.source + (f"（{limit.mark}）" if limit.mark else ""),
            "kind": limit.kind,
            "mark": limit.mark,
            "valid_from": limit.valid_from.isoformat() if limit.valid_from else None,
            "extension": limit.extension.zh,
            "excluded": limit.excluded.zh,
            **_due(told.day, told.due, told.zh, told.en, told.term),
            "unit": limit.unit,
            "length": limit.length + added,
        }
    unit, length, source, most, label = args.unit, args.days, "", None, None
    if args.rule:
        known = {
            f"{p.name}/{c.name}": c
            for p in shipped().values()
            for c in p.clocks.values()
            if c.length
        }
        if args.rule not in known:
            raise Problem(
                "casework.unknown_rule", given=args.rule, known=", ".join([*LIMITS, *known])
            )
        rule = known[args.rule]
        unit, length, most, label = rule.unit, rule.length, rule.extend_max, rule.label
        source = rule.clause + (f"（{rule.mark}）" if rule.mark else "")
    clock = clocks.Clock(start, unit, length, pauses=pauses, extensions=extensions)
    if most is not None and clock.extended > most:
        raise Problem("casework.extension_too_long", given=clock.extended, most=most, clock=label)
    explained = clocks.explain(clock, calendar=calendar)
    day = clocks.due_day(clock, calendar=calendar)
    return {
        "source": source or None,
        **_due(day, explained.due, explained.zh, explained.en, explained.term),
        "unit": unit,
        "length": (length or 0) + clock.extended,
    }


def _due(
    day: date | None, due: datetime | None, zh: str, en: str, term: TermExplanation | None
) -> dict[str, object]:
    return {
        "due_date": day.isoformat() if day else None,
        "due": due.astimezone(UTC).isoformat() if due else None,
        "skipped": [s.label for s in term.skipped] if term else [],
        "makeup": [s.label for s in term.makeup] if term else [],
        "provisional": list(term.provisional) if term else [],
        "zh": zh,
        "en": en,
    }


def _deadline(args: argparse.Namespace) -> int:
    """Print the term: ``{rule, start, source, unit, length, due_date, due, skipped, makeup,
    provisional, zh, en}``, and for a limit of the table ``kind, mark, valid_from, extension,
    excluded`` too; ``due_date`` is null while paused and for an amount of money.
    """  # noqa: D205
    from qingyuan.core.calendar import WorkCalendar
    from qingyuan.core.periods import in_city

    if (args.rule is None) == (args.days is None) or (args.days is not None and args.days < 1):
        print(
            "--rule 与 --days（正整数）须恰给一个 / give either --rule or --days", file=sys.stderr
        )
        return 2
    try:
        told = _asked(args, WorkCalendar.official())
    except Problem as problem:
        report([problem], as_json=args.json)
        return 1 if problem.code != "casework.unknown_rule" else 2
    except ValueError as error:
        print(f"日期读不懂：{error} / cannot read the date", file=sys.stderr)
        return 2
    if args.json:
        start = in_city(instant(args.start)).isoformat()
        if told["unit"] != "workday":
            told.update(skipped=[], makeup=[])
        print(json.dumps({"rule": args.rule, "start": start, **told}, ensure_ascii=False))
    else:
        source = told["source"]
        print(told["zh"], told["en"], *([f"依据：{source}"] if source else []), sep="\n")
    return 0


def _simulate(args: argparse.Namespace) -> int:
    from qingyuan.casework.decide import missing
    from qingyuan.casework.simulate import advance, begin

    try:
        procedure, moves = procedure_of(args.file), lines_of(args.deeds, move_of)
    except (Problem, Problems) as error:
        report(gathered(error), as_json=args.json)
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"读不了文件：{error} / cannot read it", file=sys.stderr)
        return 2
    moment, code = begin(procedure, enterprise=args.enterprise), 0
    for number, move in enumerate(moves, 1):
        try:
            moment = advance(procedure, moment, move)
        except Problem as problem:
            code = 1
            if args.json:
                print(
                    json.dumps({"step": number, "problem": problem.as_dict()}, ensure_ascii=False)
                )
            else:
                print(f"{number:>3}  ✗ {move.deed}：{problem.zh}")
            continue
        state = procedure.states[moment.facts.state]
        lacks = [need.label.zh for need in missing(procedure, facts=moment.facts) if not need.met]
        if args.json:
            row = {
                "step": number,
                "deed": move.deed,
                "state": state.name,
                "ledger": moment.ledger.value,
                "phase": moment.phase.value,
                "clocks": dict(moment.facts.clocks),
                "missing": lacks,
            }
            print(json.dumps(row, ensure_ascii=False))
        else:
            name = procedure.deeds[move.deed].label.zh
            print(f"{number:>3}  {name} → {state.label.zh}（{moment.ledger.zh}·{moment.phase.zh}）")
    return code
