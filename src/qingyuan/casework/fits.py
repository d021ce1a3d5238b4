"""Do fields, columns and effects fit together (填写项、台账列与系统动作是否相配)?

A part of the static checker: an effect finds the fields it reads, a column the value it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qingyuan.casework.model import Deed, Field, FieldKind, Label, Procedure
from qingyuan.casework.problems import Refusal
from qingyuan.casework.tables import COLUMNS, PROGRESS, TRUTHS
from qingyuan.core.problems import Problem

__all__ = ["fits"]

_READS: Mapping[str, tuple[tuple[str, FieldKind], ...]] = {
    "add_parts": (("co_units", "units"),),
    "assign_responsible": (("unit", "unit"), ("person", "person")),
    "link_enterprise": (("enterprise", "enterprise"),),
    "list_problems": (("problems", "problems"),),
    "ask_extension": (("extend_days", "days"),),
}
_MAY_BE_BLANK = frozenset({"co_units", "person"})
_FINDINGS: Mapping[str, Mapping[str, Label]] = {"truth": TRUTHS, "progress": PROGRESS}


def fits(procedure: Procedure) -> list[Problem]:
    """Return every fault of how fields, columns and effects fit together."""
    found: list[Problem] = []
    for n, deed in enumerate(procedure.deeds.values()):
        path = f"deed[{n}]"
        for code, values in (*_effects(deed), *_findings(deed), *_keys(procedure, deed)):
            found.append(_fault(procedure, path, code, deed=deed.label, **values))
        found += [
            _fault(procedure, f"{path}.fields", "casework.duplicate_name", name=name)
            for name in _twice(deed.fields)
        ]
    found += _parts(procedure)
    for n, column in enumerate(procedure.columns.values()):
        if not _is_source(procedure, column.source):
            found.append(
                _fault(
                    procedure,
                    f"column[{n}].from",
                    "casework.unknown_name",
                    given=column.source,
                    what=Label("台账列来源", "column source"),
                    known=", ".join([*COLUMNS, "form.NAME", "given.DEED.FIELD"]),
                )
            )
    return found


def _fault(procedure: Procedure, path: str, code: str, **values: object) -> Problem:
    positions, near = procedure.positions, path.rpartition(".")[0]
    line = positions.get(path, positions.get(near, 1))
    return Refusal(code, source=procedure.source, line=line, path=path, **values)


def _effects(deed: Deed) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield each effect without a field it reads, and ``co_units`` nobody reads."""
    kinds = {f.name: f.kind for f in deed.fields if f.required}
    offered = {f.name: f.kind for f in deed.fields}
    names = {e.name for e in deed.effects}
    for effect in deed.effects:
        for name, kind in _READS.get(effect.name, ()):
            have = offered if name in _MAY_BE_BLANK else kinds
            if have.get(name) != kind:
                yield (
                    "casework.effect_without_field",
                    {"effect": effect.name, "field": name, "kind": kind},
                )
    if "co_units" in offered and "add_parts" not in names:
        yield "casework.field_without_effect", {"field": "co_units", "effect": "add_parts"}


def _findings(deed: Deed) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield what is wrong with ``truth`` and ``progress`` of a deed."""
    names = {e.name for e in deed.effects}
    asked = {f.name: f for f in deed.fields if f.name in _FINDINGS}
    if "record_finding" in names and not asked:
        yield (
            "casework.effect_without_field",
            {"effect": "record_finding", "field": "truth / progress", "kind": "choice"},
        )
    for name, field in asked.items():
        if "record_finding" not in names:
            yield "casework.field_without_effect", {"field": name, "effect": "record_finding"}
        known = _FINDINGS[name]
        if field.kind != "choice" or set(field.choices) - set(known):
            yield "casework.finding_words", {"field": name, "known": ", ".join(known)}


def _keys(procedure: Procedure, deed: Deed) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield an ``undo`` that would take back a signature, a strike-off or an end."""
    ends = any(
        procedure.states[target].terminal
        for state in deed.states
        for target in procedure.targets(deed, state)
    )
    if deed.undo and (deed.chain or deed.strike_off or ends):
        yield "casework.undo_too_late", {}


def _parts(procedure: Procedure) -> list[Problem]:
    """Return a fault if deeds wait for the units' reports and no unit can report."""
    deeds = procedure.deeds.values()
    waits = [n for n, d in enumerate(deeds) if "parts_reported" in d.guards]
    names = {e.name for e in procedure.effects}
    can = any("part_unit" in d.ties and "report_part" in {e.name for e in d.effects} for d in deeds)
    if not waits or "add_parts" not in names or can:
        return []
    return [_fault(procedure, f"deed[{waits[0]}]", "casework.parts_never_report")]


def _twice(fields: tuple[Field, ...]) -> list[str]:
    names = [f.name for f in fields]
    return sorted({name for name in names if names.count(name) > 1})


def _is_source(procedure: Procedure, source: str) -> bool:
    kind, _, rest = source.partition(".")
    if source in COLUMNS:
        return True
    if kind == "form":
        return rest in procedure.form
    deed, _, field = rest.partition(".")
    if kind != "given" or deed not in procedure.deeds:
        return False
    return any(f.name == field for f in procedure.deeds[deed].fields)
