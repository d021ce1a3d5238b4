"""Explanations (数值说明): why a figure is what it is, ready for a page, a terminal or JSON.

A figure is explained by its rule set and clause, the steps of its calculation, and everything that
was looked at, with what was left out and why. Explanations nest: the index of a month is explained
by its six figures, each of them by its days, each day by its hours. Nothing is computed here.

The shape that a page may rely on (`Explanation.as_json`; texts in two languages are ``{"zh", "en"}``)::

    {"what": {"zh": "细颗粒物日均值", "en": "daily mean of PM2.5"},
     "value": "36" | null,                 as published: rounded text, a class, "NA", null when none
     "unit": "μg/m³",                      "" when there is none
     "subject": "1001A",                   station, section, district; "" when it goes without saying
     "period": {"start": ISO, "end": ISO} | null,     half-open, with its zone
     "rule_set": "HJ663-2013",             id of the dated rule set
     "document": "HJ 663-2013", "clause": "表1",
     "steps": [{"zh": …, "en": …}, …],     one line each, the numbers written in
     "inputs": [{"name": "2024-06-01 08时", "value": "35" | null, "unit": "μg/m³", "flag": "N",
                 "is_used": true, "reason": {"zh", "en"} | null, "ref": ""}, …],
     "counts": {"used": 20, "left_out": 4},
     "parts": [Explanation, …],            the figures this one is made of
     "marks": ["…"]}                       what is unverified in the rule set, kept with the figure

``ref`` is an opaque reference to the row behind an input (the caller's own; maybe empty).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from qingyuan.core.periods import Period, in_city

__all__ = ["Explanation", "Input", "Said"]

Language = Literal["zh", "en"]
_WORDS = {
    "zh": ("规则", "步骤", "取用", "剔除", "组成", "注意", "无"),
    "en": ("rule", "step", "used", "left out", "made of", "note", "none"),
}
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence or name in both languages (双语)."""

    zh: str
    en: str

    def as_json(self) -> dict[str, str]:
        """Return ``{"zh", "en"}``."""
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Input:
    """One value that was looked at (输入): used, or left out for a reason.

    ``value`` is the exact text, None when there was nothing.
    """

    name: str
    value: str | None
    unit: str = ""
    flag: str = ""
    reason: Said | None = None
    ref: str = ""

    @property
    def is_used(self) -> bool:
        """Whether the value took part: it did unless a reason says otherwise."""
        return self.reason is None

    def as_json(self) -> dict[str, Any]:
        """Return the shape given at the head of this module."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "flag": self.flag,
            "is_used": self.is_used,
            "reason": self.reason.as_json() if self.reason else None,
            "ref": self.ref,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one figure is what it is (数值说明); the fields are described at the head."""

    what: Said
    value: str | None
    rule_set: str
    document: str
    clause: str
    unit: str = ""
    subject: str = ""
    period: Period | None = None
    steps: Sequence[Said] = ()
    inputs: Sequence[Input] = ()
    parts: Sequence[Explanation] = ()
    marks: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the shape given at the head of this module."""
        used = sum(one.is_used for one in self.inputs)
        return {
            "what": self.what.as_json(),
            "value": self.value,
            "unit": self.unit,
            "subject": self.subject,
            "period": _span(self.period),
            "rule_set": self.rule_set,
            "document": self.document,
            "clause": self.clause,
            "steps": [step.as_json() for step in self.steps],
            "inputs": [one.as_json() for one in self.inputs],
            "counts": {"used": used, "left_out": len(self.inputs) - used},
            "parts": [part.as_json() for part in self.parts],
            "marks": list(self.marks),
        }

    def as_text(self, language: Language = "zh") -> str:
        """Return the explanation as indented lines in one language."""
        return "\n".join(self._lines(language, depth=0))

    def _lines(self, language: Language, *, depth: int) -> Iterator[str]:
        rule, step, used, left_out, made_of, note, none = _WORDS[language]
        pad, deeper = _INDENT * depth, _INDENT * (depth + 1)
        value = none if self.value is None else f"{self.value} {self.unit}".strip()
        subject = f"{self.subject} " if self.subject else ""
        yield f"{pad}{subject}{getattr(self.what, language)} = {value}"
        source = " ".join(dict.fromkeys((self.document, self.clause)))
        yield (
            f"{deeper}{rule}: {self.rule_set}（{source}）"
            if language == "zh"
            else (f"{deeper}{rule}: {self.rule_set} ({source})")
        )
        for line in self.steps:
            yield f"{deeper}{step}: {getattr(line, language)}"
        taken = [one for one in self.inputs if one.is_used]
        if taken:
            shown = ", ".join(f"{one.name}={one.value}{one.unit}" for one in taken)
            yield f"{deeper}{used} {len(taken)}: {shown}"
        for one in self.inputs:
            if one.reason is not None:
                value = none if one.value is None else f"{one.value}{one.unit}"
                flag = f" [{one.flag}]" if one.flag else ""
                yield f"{deeper}{left_out}: {one.name}={value}{flag} {getattr(one.reason, language)}"
        if self.parts:
            yield f"{deeper}{made_of}:"
        for part in self.parts:
            yield from part._lines(language, depth=depth + 2)
        for mark in self.marks:
            yield f"{deeper}{note}: {mark}"


def _span(period: Period | None) -> dict[str, str] | None:
    if period is None:
        return None
    return {"start": in_city(period.start).isoformat(), "end": in_city(period.end).isoformat()}
