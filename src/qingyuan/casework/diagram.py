"""The diagram of a procedure (流程图), drawn from it and so never out of date."""

from __future__ import annotations

from typing import Literal

from qingyuan.casework.model import Phase, Procedure

__all__ = ["mermaid"]


def mermaid(procedure: Procedure, *, language: Literal["zh", "en"] = "zh") -> str:
    """Return the procedure as Mermaid text (``stateDiagram-v2``), states grouped by macro phase."""
    lines = ["stateDiagram-v2", "  direction LR", f"  [*] --> {procedure.initial}"]
    for phase in Phase:
        inside = [s for s in procedure.states.values() if s.phase is phase]
        if inside:
            lines.append(f'  state "{getattr(phase, language)}" as phase_{phase.value} {{')
            lines += [f'    state "{getattr(s.label, language)}" as {s.name}' for s in inside]
            lines.append("  }")
    arrows: dict[tuple[str, str], list[str]] = {}
    for deed in procedure.deeds.values():
        for state in deed.states:
            for target in procedure.targets(deed, state):
                if target != state:
                    label = getattr(deed.label, language)
                    arrows.setdefault((state, target), []).append(label)
    lines += [f"  {a} --> {b}: {' / '.join(labels)}" for (a, b), labels in arrows.items()]
    lines += [f"  {s.name} --> [*]" for s in procedure.states.values() if s.terminal]
    return "\n".join(lines) + "\n"
