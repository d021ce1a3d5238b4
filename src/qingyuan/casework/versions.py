"""Two versions of a procedure (程序版本): what changed, how closed cases fare, how open ones move.

A running case keeps its version. Whoever publishes a new one sees the differences, plays the closed
cases on it, and gives an explicit map if open cases are to move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from qingyuan.casework.facts import ClockState, Facts
from qingyuan.casework.guards import mark_of
from qingyuan.casework.model import Deed, Label, Procedure
from qingyuan.casework.problems import Refusal
from qingyuan.casework.simulate import Move, advance, begin
from qingyuan.core.problems import Problem

__all__ = [
    "Change",
    "Diff",
    "DryRun",
    "History",
    "Migration",
    "Replay",
    "check_migration",
    "diff",
    "dry_run",
    "migrate",
]

Kind = Literal[
    "procedure", "form", "column", "evidence", "state", "clock", "chain", "deed", "field"
]
_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "procedure": Label("程序", "Procedure"),
        "form": Label("登记项", "Form field"),
        "column": Label("台账列", "Column"),
        "evidence": Label("佐证类别", "Evidence"),
        "state": Label("环节", "State"),
        "clock": Label("时限", "Clock"),
        "chain": Label("审签链", "Sign-off chain"),
        "deed": Label("动作", "Deed"),
        "field": Label("填写项", "Field"),
    }
)
_KEYS: Mapping[str, Label] = MappingProxyType(
    {
        "label": Label("名称", "label"),
        "version": Label("版本号", "version"),
        "initial": Label("起始环节", "initial state"),
        "numbering": Label("编号", "numbering"),
        "clause": Label("依据", "clause"),
        "mark": Label("未核对之处", "mark"),
        "roles": Label("角色", "roles"),
        "family": Label("所属应用", "family"),
        "policy": Label("多单位反馈", "policy"),
        "retention_years": Label("保存年限", "retention"),
        "default_matter": Label("默认事项", "default matter"),
        "phase": Label("阶段", "phase"),
        "ledger": Label("台账", "ledger"),
        "terminal": Label("终结", "terminal"),
        "unit": Label("单位", "unit"),
        "length": Label("长度", "length"),
        "until": Label("日期项", "date field"),
        "extend_max": Label("延期上限", "most extension"),
        "limit": Label("时限表代码", "typed limit"),
        "warn": Label("预警阶梯", "warning ladder"),
        "unclocked": Label("不计时的理由", "why no clock runs"),
        "steps": Label("签批顺序", "steps"),
        "passed_to": Label("通过后去向", "passed to"),
        "returned_to": Label("退回后去向", "returned to"),
        "states": Label("可办环节", "from"),
        "to": Label("去向", "to"),
        "guards": Label("条件", "guards"),
        "ties": Label("关系", "ties"),
        "not_by": Label("须另一人", "not by"),
        "evidence": Label("必需佐证", "evidence"),
        "offers": Label("可附佐证", "offers"),
        "clocks": Label("计时", "clocks"),
        "effects": Label("系统动作", "effects"),
        "chain": Label("审签链", "chain"),
        "verdict": Label("通过或退回", "verdict"),
        "strike_off": Label("销号", "strike-off"),
        "undo": Label("可撤回", "undo"),
        "batch": Label("可批量", "batch"),
        "kind": Label("类别", "kind"),
        "required": Label("必填", "required"),
        "choices": Label("可选值", "choices"),
        "to_enterprise": Label("企业可见", "shown to the enterprise"),
        "past": Label("可早于当日", "may be past"),
        "source": Label("来源", "source"),
        "public": Label("公开", "public"),
    }
)
_HEAD = ("label", "version", "initial", "numbering", "clause", "roles", "family", "policy")
_HEAD_TOO = ("retention_years", "default_matter")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference (变更): what kind of thing, which one, how, said in both languages.

    ``key`` is the entry that changed, empty when the thing was added or removed.
    """

    kind: Kind
    name: str
    how: Literal["added", "removed", "changed"]
    key: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Diff:
    """All differences of two versions (版本差异).

    ``lost_states`` and ``lost_clocks`` are gone in the new version; ``moved_states`` are there but
    end, or stand in another ledger or phase. ``needs_map`` says whether open cases could not move
    over as they stand.
    """

    changes: tuple[Change, ...]
    lost_states: tuple[str, ...]
    moved_states: tuple[str, ...]
    lost_clocks: tuple[str, ...]

    @property
    def needs_map(self) -> bool:
        """Whether moving open cases over needs an explicit map."""
        return bool(self.lost_states or self.moved_states or self.lost_clocks)


def _said(value: object) -> Label:
    """Write any value of a procedure in both languages."""
    if isinstance(value, Label):
        return value
    if value is None or value == "" or value == () or value == {}:
        return Label("无", "none")
    if isinstance(value, bool):
        return Label("是", "yes") if value else Label("否", "no")
    if isinstance(value, Mapping):
        parts = [(k, _said(v)) for k, v in value.items()]
        zh, en = (
            "、".join(f"{k} {v.zh}" for k, v in parts),
            ", ".join(f"{k} {v.en}" for k, v in parts),
        )
        return Label(zh, en)
    if isinstance(value, list | tuple):
        listed = [_said(v) for v in value]
        return Label("、".join(v.zh for v in listed), ", ".join(v.en for v in listed))
    if is_dataclass(value) and not isinstance(value, type):
        inner = {f.name: getattr(value, f.name) for f in fields(value)}
        return _said({k: v for k, v in inner.items() if v not in (None, "", (), False)})
    return Label(str(value), str(value))


def _changed(kind: Kind, name: str, label: Label, key: str, old: object, new: object) -> Change:
    word, what, a, b = _WORDS[kind], _KEYS.get(key, Label(key, key)), _said(old), _said(new)
    return Change(
        kind,
        name,
        "changed",
        key,
        f"{word.zh}“{label.zh}”的{what.zh}：{a.zh} → {b.zh}",
        f'{word.en} "{label.en}", {what.en}: {a.en} → {b.en}',
    )


def _label_of(thing: object) -> Label:
    label = thing if isinstance(thing, Label) else getattr(thing, "label", None)
    name = getattr(thing, "name", "")
    return label if isinstance(label, Label) else Label(name, name)


def _compared(
    kind: Kind, old: Mapping[str, object], new: Mapping[str, object], within: Label | None = None
) -> list[Change]:
    """Compare two mappings of named things entry by entry."""
    found: list[Change] = []
    word = _WORDS[kind]
    at = Label(f"“{within.zh}”的", f' of "{within.en}"') if within else Label("", "")
    for name in dict.fromkeys([*old, *new]):
        if name not in new or name not in old:
            thing = old[name] if name in old else new[name]
            label, gone = _label_of(thing), name in old
            zh = f"{'删去' if gone else '新增'}{at.zh}{word.zh}“{label.zh}”"
            en = f'{word.en} "{label.en}"{at.en} {"removed" if gone else "added"}'
            found.append(Change(kind, name, "removed" if gone else "added", "", zh, en))
            continue
        a, b = old[name], new[name]
        if isinstance(a, Label):
            found += [_changed(kind, name, a, "label", a, b)] if a != b else []
            continue
        for entry in fields(a):  # type: ignore[arg-type]  # states, deeds, clocks: all dataclasses
            left, right = getattr(a, entry.name), getattr(b, entry.name)
            if left != right and not (kind == "deed" and entry.name == "fields"):
                found.append(_changed(kind, name, _label_of(b), entry.name, left, right))
        if isinstance(a, Deed) and isinstance(b, Deed):
            mine, theirs = ({f.name: f for f in d.fields} for d in (a, b))
            found += _compared("field", mine, theirs, within=b.label)
    return found


def diff(old: Procedure, new: Procedure) -> Diff:
    """Return every difference between two versions (版本差异), in the order of the file."""
    changes = [
        _changed("procedure", new.name, new.label, key, getattr(old, key), getattr(new, key))
        for key in (*_HEAD, *_HEAD_TOO)
        if getattr(old, key) != getattr(new, key)
    ]
    changes += [
        *_compared("form", old.form, new.form),
        *_compared("column", old.columns, new.columns),
        *_compared("evidence", old.evidence, new.evidence),
        *_compared("state", old.states, new.states),
        *_compared("clock", old.clocks, new.clocks),
        *_compared("chain", old.chains, new.chains),
        *_compared("deed", old.deeds, new.deeds),
    ]
    both = [n for n in old.states if n in new.states]
    stand = {
        n: [(p.states[n].phase, p.states[n].ledger, p.states[n].terminal) for p in (old, new)]
        for n in both
    }
    return Diff(
        changes=tuple(changes),
        lost_states=tuple(n for n in old.states if n not in new.states),
        moved_states=tuple(n for n in both if stand[n][0] != stand[n][1]),
        lost_clocks=tuple(n for n in old.clocks if n not in new.clocks),
    )


@dataclass(frozen=True, slots=True)
class History:
    """The deeds of one closed case as plain values (已结案件的经过)."""

    number: str
    moves: tuple[Move, ...]
    enterprise: str | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """How one case fared on the new version (试演结果).

    ``done`` counts the deeds that went through before the first refusal; ``problem`` and ``deed``
    say what was refused and why; ``state`` is where the case came to stand. ``assumed`` are the
    marks taken to be as the deeds want them, because the history does not tell.
    """

    number: str
    done: int
    state: str
    ended: bool
    deed: str = ""
    at: datetime | None = None
    problem: Problem | None = None
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DryRun:
    """A dry run over closed cases (试演): each case, and how often each deed was refused and why."""

    replays: tuple[Replay, ...]

    @property
    def passed(self) -> int:
        """Cases all of whose deeds went through."""
        return sum(r.problem is None for r in self.replays)

    @property
    def refused(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """The numbers of the cases refused, by deed and code."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for r in self.replays:
            if r.problem is not None:
                key = (r.deed, r.problem.code)
                found[key] = (*found.get(key, ()), r.number)
        return MappingProxyType(found)


def dry_run(procedure: Procedure, histories: Iterable[History]) -> DryRun:
    """Play the deeds of closed cases over *procedure* (试演), each up to its first refusal.

    What was true of a case then (its marks) is seldom kept: a move without ``marks`` is judged with
    those its deed wants, and the replay names what it assumed.
    """
    return DryRun(tuple(_replayed(procedure, history) for history in histories))


def _replayed(procedure: Procedure, history: History) -> Replay:
    moment, assumed = begin(procedure, enterprise=history.enterprise), dict[str, None]()
    for done, move in enumerate(history.moves):
        if move.marks is None and (rule := procedure.deeds.get(move.deed)):
            asked = [found for g in rule.guards if (found := mark_of(g))]
            assumed |= dict.fromkeys(word for word, _ in asked)
            move = replace(move, marks=frozenset(word for word, wanted in asked if wanted))
        try:
            moment = advance(procedure, moment, move)
        except Problem as problem:
            state = procedure.states[moment.facts.state]
            return Replay(
                history.number,
                done,
                state.name,
                state.terminal,
                move.deed,
                move.at,
                problem,
                tuple(assumed),
            )
    state = procedure.states[moment.facts.state]
    return Replay(
        history.number, len(history.moves), state.name, state.terminal, assumed=tuple(assumed)
    )


@dataclass(frozen=True, slots=True)
class Migration:
    """Where open cases go in the new version (在办案件迁移表): old state to new, old clock to new.

    What is not named keeps its name. A clock mapped to "" is stopped by the move.
    """

    states: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    clocks: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def check_migration(old: Procedure, new: Procedure, migration: Migration) -> list[Problem]:
    """Return every fault of a map (迁移核对): names unknown, states or clocks left without a place,
    an open case made to end, or one handled put back before its assignment.
    """  # noqa: D205
    found: list[Problem] = []

    def fault(code: str, **values: object) -> None:
        found.append(Refusal(code, **values))

    for word, given, mine, theirs in (
        (_WORDS["state"], migration.states, old.states, new.states),
        (_WORDS["clock"], migration.clocks, old.clocks, new.clocks),
    ):
        for a, b in given.items():
            if a not in mine:
                fault("casework.map_unknown", what=word, given=a, known=", ".join(mine))
            elif b and b not in theirs:
                fault("casework.map_unknown", what=word, given=b, known=", ".join(theirs))
        for name, thing in mine.items():
            if name not in theirs and name not in given:
                fault("casework.map_missing", what=word, name=_label_of(thing))
    for name, state in old.states.items():
        target = new.states.get(migration.states.get(name, name))
        if target is None:
            if migration.states.get(name) == "":
                fault("casework.map_missing", what=_WORDS["state"], name=state.label)
        elif target.terminal != state.terminal:
            fault("casework.map_ends", state=state.label, target=target.label)
    return found


def migrate(facts: Facts, old: Procedure, new: Procedure, migration: Migration) -> Facts:
    """Return the facts of an open case under the new version (迁移).

    Sign-offs are cleared where the case stands in a chain that changed: they were for another text.

    Raises
    ------
    Problem
        The first fault of `check_migration`, before anything is moved.
    """
    for problem in check_migration(old, new, migration):
        raise problem
    clocks: dict[str, ClockState] = {}
    for name, condition in facts.clocks.items():
        target = migration.clocks.get(name, name)
        if target:
            clocks[target] = condition
    same = old.chains == new.chains
    return replace(
        facts,
        state=migration.states.get(facts.state, facts.state),
        clocks=MappingProxyType(clocks),
        signers=facts.signers if same else (),
    )
