"""The documents a newcomer opens first: their links lead somewhere, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda p: p.relative_to(ROOT)
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_to_our_own_pages_leads_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_decision_fits_a_page_and_says_what_would_change_it() -> None:
    decisions = sorted((ROOT / "docs/adr").glob("0*.md"))
    assert [d.name[:4] for d in decisions] == [f"{n:04}" for n in range(1, len(decisions) + 1)]
    for decision in decisions:
        text = decision.read_text("utf-8")
        heads = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert heads == ["Context", "Decision", "Consequences", "What would change our mind"]
        assert re.search(r"^> .*[\u4e00-\u9fff]", text, re.MULTILINE), decision.name
        assert len(text) < 5000, decision.name


@pytest.mark.parametrize("page", ["operations.md", "architecture.md", "reference/problems.md"])
def test_what_an_operator_reads_is_there_in_both_languages(page: str) -> None:
    assert (ROOT / "docs/zh" / page).is_file()
    assert (ROOT / "docs/en" / page).is_file()
