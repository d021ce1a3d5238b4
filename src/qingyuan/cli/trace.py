"""``qingyuan trace``: weigh who could have caused a section alarm (溯源); scores on practice events.

Thin verbs over `qingyuan.river`; the folder is the caller's own.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qingyuan.core.problems import Problem, Problems

if TYPE_CHECKING:
    from qingyuan.river import Candidate, Event, Sampling, Trace
    from qingyuan.river.bench import Score

__all__ = ["add_arguments", "add_bench_arguments"]

_SHOWN = 10


def add_arguments(subparsers: Any) -> None:
    """Register ``trace EVENT_DIR``; it sets ``run(args) -> int``."""
    verb = subparsers.add_parser(
        "trace", help="由事件文件夹推断超标来源 / rank the outfalls of an event folder"
    )
    verb.add_argument("event", metavar="EVENT_DIR", help="事件文件夹 / event folder")
    verb.add_argument("--json", action="store_true", help="输出 JSON / print JSON")
    verb.add_argument("--seed", type=int, default=1, help="随机种子 / seed of the sampler")
    verb.add_argument(
        "--why",
        metavar="OUTFALL",
        help="为什么是、为什么不是这个排污口 / why, or why not, this outfall",
    )
    verb.add_argument(
        "--places",
        metavar="CSV",
        help="可到达的采样点 reach_id,position_m / places that can be reached",
    )
    verb.add_argument(
        "--laboratory-h", type=float, default=0.0, help="出结果所需小时 / hours until a result"
    )
    verb.set_defaults(run=_trace)


def add_bench_arguments(subparsers: Any) -> None:
    """Register ``trace DIR`` under ``bench``: score the tracer on events with truth."""
    verb = subparsers.add_parser(
        "trace", help="在带真值的事件上评测溯源 / score the tracer on events with truth"
    )
    verb.add_argument("folder", metavar="DIR", help="内含若干事件文件夹 / holds event folders")
    verb.add_argument("--json", action="store_true")
    verb.add_argument("--seed", type=int, default=1)
    verb.add_argument(
        "--part", choices=("all", "odd", "even"), default="all", help="按序号取一半 / by position"
    )
    verb.add_argument(
        "--sample",
        action="store_true",
        help="逐次采样（需要 probe.csv）/ also sample until sure, where probe.csv says what is read",
    )
    verb.set_defaults(run=_bench)


def _trace(args: argparse.Namespace) -> int:
    from qingyuan.river import explain_outfall, investigate, read_event

    try:
        event = read_event(args.event)
        if args.why:
            told = explain_outfall(investigate(event, seed=args.seed), args.why)
            _explain(told, as_json=args.json)
            return 0
        answer = _timed(event, seed=args.seed, sampling=_sampling(args))
    except (Problem, Problems) as found:
        if not args.json:
            raise
        problems = found.problems if isinstance(found, Problems) else [found]
        print(json.dumps({"problems": [p.as_dict() for p in problems]}, ensure_ascii=False))
        return 1
    if args.json:
        print(json.dumps(answer.as_json(), ensure_ascii=False, allow_nan=False))
    else:
        _show(answer)
    return 0


def _sampling(args: argparse.Namespace) -> Sampling:
    """Gather what can be sampled; a table without its columns is refused by name."""
    from qingyuan.river import Sampling

    if not args.places:
        return Sampling(other_h=args.laboratory_h)
    name = Path(args.places).name
    with Path(args.places).open(encoding="utf-8-sig", newline="") as lines:
        table = csv.DictReader(lines)
        missing = {"reach_id", "position_m"} - set(table.fieldnames or ())
        if missing:
            raise Problem("river.missing_column", file=name, columns=", ".join(sorted(missing)))
        rows = list(table)
    places = []
    for number, row in enumerate(rows, start=2):
        try:
            places.append((row["reach_id"], float(row["position_m"])))
        except (TypeError, ValueError):
            raise Problem(
                "river.bad_cell",
                file=name,
                row=number,
                column="position_m",
                given=row["position_m"] or "",
            ) from None
    return Sampling(places=tuple(places), other_h=args.laboratory_h)


def _explain(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(told, ensure_ascii=False, allow_nan=False))
        return
    print(f"{told['outfall_id']}: p = {told['probability']:.3g}")
    print(told["says"])
    print(told["says_en"])
    for evidence in told["evidence"]:
        print(f"  {evidence['bits']:+6.1f} bit  {evidence['says']} / {evidence['says_en']}")
    for row in told["profile"]:
        print(
            f"  {row['name'] or row['factor']:<10} 预期 expected {row['expected']:.4g}"
            f"  实测 seen {row['seen']:.4g} {row['unit']}  ({row['z']:+.1f} sd)"
        )


def _timed(event: Event, *, seed: int, sampling: Sampling | None = None) -> Trace:
    from qingyuan.host.processes import peak_memory_mb
    from qingyuan.river import trace

    start = time.perf_counter()
    answer = trace(event, seed=seed, sampling=sampling)
    seconds = time.perf_counter() - start
    return replace(answer, seconds=round(seconds, 3), peak_mb=float(peak_memory_mb()))


def _show(answer: Trace) -> None:
    print(f"断面 / section {answer.section} · 因子 / factor {answer.factor}")
    print(f"上游排污口 / outfalls upstream: {answer.suspects}")
    print()
    print(" #  排污口 outfall   概率 p   涉及 inv.  排放开始 release start (p05 … p95)")
    for candidate in answer.candidates[:_SHOWN]:
        print(_row(candidate))
    kinds = " · ".join(f"{kind} {p:.1%}" for kind, p in answer.none_kind.items())
    print()
    print(f"多源 / several: {answer.several:.1%}    非点源 / none: {answer.none:.1%} ({kinds})")
    print(f"50 %: {_names(answer.set50)}")
    print(f"90 %: {_names(answer.set90)}")
    if answer.candidates:
        print()
        print(f"证据 / evidence: {answer.candidates[0].outfall}")
        for evidence in answer.candidates[0].evidence:
            print(f"  {evidence.bits:+6.1f} bit  {evidence.says} / {evidence.says_en}")
    following = answer.next_sample
    if following is not None:
        print()
        print(
            f"下一采样 / next sample: {following.reach_id} @ {following.position_m:g} m, "
            f"{following.time.isoformat(timespec='minutes')}, {following.factor} "
            f"({following.expected_bits:.2f} bit)"
        )
    for zh, en in answer.caveats:
        print(f"注意 / caveat: {zh} / {en}")
    print(f"{answer.seconds} s · {answer.peak_mb} MB · {answer.version} · {answer.inputs_sha256}")


def _row(candidate: Candidate) -> str:
    start = candidate.release_start
    when = "无法定时 / undated"
    if start is not None:
        when = " … ".join(f"{t:%m-%d %H:%M}" for t in (start.p05, start.p95))
    return (
        f"{candidate.rank:2d}  {candidate.outfall:<14} {candidate.probability:7.1%}"
        f"  {candidate.involved:7.1%}   {when}"
    )


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} … ({len(names)})"


def _bench(args: argparse.Namespace) -> int:
    from qingyuan.cli.progress import Progress
    from qingyuan.river.bench import reliability, summarise

    folders = sorted(p.parent for p in Path(args.folder).glob("*/truth.toml"))
    if args.part != "all":
        folders = folders[0 if args.part == "odd" else 1 :: 2]
    if not folders:
        raise Problem("river.no_truth", folder=Path(args.folder).name)
    scores = [
        _score_of(folder, seed=args.seed, sample=args.sample)
        for folder in Progress("事件 / events", total=len(folders)).over(folders)
    ]
    figures = summarise(scores)
    stated = reliability(pair for row in scores for pair in row.stated)
    if args.json:
        rows = [{k: getattr(s, k) for k in s.__dataclass_fields__ if k != "stated"} for s in scores]
        told = {"summary": figures, "reliability": stated, "events": rows}
        print(json.dumps(told, ensure_ascii=False))
        return 0
    print(
        "event    kind     rank   p(truth)  in90  size90  suspects   start h  mass×   samples   s"
    )
    for row in scores:
        print(
            f"{row.name:8} {row.kind:8} {_or_dash(row.rank, 'd'):>4}  {row.probability:8.3f}"
            f"  {'yes' if row.in90 else 'no':>4}  {row.size90:6d}  {row.suspects:8d}"
            f"  {_or_dash(row.start_error_h, '.1f'):>7}  {_or_dash(row.mass_ratio, '.2f'):>5}"
            f"  {_or_dash(row.samples, 'd'):>8}  {_or_dash(row.seconds, '.1f')}"
        )
    for kind, values in figures.items():
        print(f"{kind}: " + " · ".join(f"{k} {v:.3g}" for k, v in values.items()))
    print("可靠性 / reliability: 说 stated → 真 true (n)")
    for line in stated:
        print(f"  {line['stated']:.3f} → {line['true']:.3f} ({line['n']})")
    return 0


def _score_of(folder: Path, *, seed: int, sample: bool) -> Score:
    """Trace and score one folder; with a probe of its own, also sample until sure."""
    from qingyuan.river import read_event
    from qingyuan.river.bench import read_truth, score
    from qingyuan.river.sampled import allowed_samples, read_probe, samples_until_sure

    event, truth = read_event(folder), read_truth(folder)
    answer = _timed(event, seed=seed)
    found = score(answer, truth, name=folder.name, event=event)
    probe = read_probe(folder) if sample and truth.kind == "one" else None
    if probe is None:
        return found
    taken = samples_until_sure(event, probe, truth.outfalls[0], seed=seed)
    return replace(found, samples=taken, samples_allowed=allowed_samples(answer))


def _or_dash(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
