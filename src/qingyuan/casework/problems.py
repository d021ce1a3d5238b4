"""Refusals (不予办理): problems whose values are names in both languages."""

from __future__ import annotations

from collections.abc import Iterable

from qingyuan.casework.model import Label
from qingyuan.core.problems import Problem, messages_of

__all__ = ["Refusal", "joined"]


class Refusal(Problem):
    """A `Problem` that writes each `Label` among its values in the language of the sentence."""

    def _say(self, language: str) -> str:
        row = messages_of("casework").get(self.code)
        if row is None:
            return f"{self.code} {self.values}"
        values = {
            k: getattr(v, language) if isinstance(v, Label) else v for k, v in self.values.items()
        }
        return row[language] % values


def joined(labels: Iterable[Label]) -> Label:
    """Return one label that lists *labels*."""
    listed = list(labels)
    return Label("、".join(x.zh for x in listed), ", ".join(x.en for x in listed))
