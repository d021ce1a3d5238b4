"""Tabs of a browser with strict witnesses, and the people of a running city who use them.

Every `Visit` records content-policy violations, page errors and requests to any other host;
`clean()` asserts there were none.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from running_city import PICTURES, RunningCity

__all__ = ["Visit", "Walk", "keep_picture", "open_tab"]

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
WITNESS = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (e) =>
  window.__violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
"""


@dataclass
class Visit:
    """One tab and what went wrong in it."""

    page: Any
    home: str
    problems: list[str] = field(default_factory=list)

    def go(self, path: str) -> Any:
        """Open a path of the platform and wait until it has loaded."""
        response = self.page.goto(self.home + path, wait_until="load")
        return response

    def clean(self) -> None:
        """Assert: no violation of the content policy, no script error, no other host."""
        violations = self.page.evaluate("() => window.__violations")
        assert self.problems + violations == []

    def accessible(self, *, without: tuple[str, ...] = ()) -> None:
        """Assert that axe-core finds nothing (WCAG 2.2 A and AA)."""
        if not AXE.exists():
            pytest.skip("axe-core is not installed: cd frontend && npm ci --ignore-scripts")
        options = {
            "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        }
        scope = {"exclude": [[selector] for selector in without]}
        found = self.page.evaluate(
            "([scope, options]) => axe.run(Object.assign({include: [['html']]}, scope), options)",
            [scope, options],
        )["violations"]
        told = [
            f"{v['id']}: {n['target']} {n['failureSummary']}" for v in found for n in v["nodes"]
        ]
        assert not told, "\n".join(told)

    def fits(self) -> None:
        """Assert that nothing scrolls sideways."""
        wide = self.page.evaluate(
            """() => {
              const edge = document.documentElement.clientWidth;
              const wide = document.documentElement.scrollWidth;
              if (wide <= edge) return [];
              scrollTo(0, scrollY);
              return [`${wide} px of ${edge}`].concat([...document.body.querySelectorAll("*")]
                .filter((e) => e.getBoundingClientRect().right > edge + 1)
                .map((e) => e.outerHTML.slice(0, 120)));
            }"""
        )
        assert not wide, "wider than the window:\n" + "\n".join(wide)


def open_tab(
    chromium: Any,
    home: str,
    *,
    size: str = "desk",
    theme: str = "light",
    language: str = "zh-hans",
    cookies: dict[str, str] | None = None,
) -> Visit:
    """Open a tab of its own context on *home* and watch what goes wrong in it."""
    context = chromium.new_context(
        viewport=SIZES[size],
        color_scheme=theme,
        reduced_motion="reduce",
        locale="en-GB" if language == "en" else "zh-CN",
        timezone_id="Asia/Shanghai",
        has_touch=size == "phone",
    )
    context.add_cookies(
        [
            {"name": n, "value": v, "url": home}
            for n, v in {"qylang": language, **(cookies or {})}.items()
        ]
    )
    context.add_init_script(WITNESS)
    if AXE.exists():
        context.add_init_script(path=AXE)
    page = context.new_page()
    made = Visit(page, home)
    host = urlsplit(home).netloc

    def watch(sent: Any) -> None:
        where = urlsplit(sent.url)
        if where.scheme in {"http", "https"} and where.netloc != host:
            made.problems.append(f"request to another host: {sent.url}")

    page.on("request", watch)
    page.on("pageerror", lambda error: made.problems.append(f"script error: {error}"))
    page.on(
        "console",
        lambda line: (
            made.problems.append(f"console: {line.text}") if line.type == "error" else None
        ),
    )
    return made


class Walk:
    """Tabs of people of the running city; each signs in once, as a person would."""

    def __init__(self, chromium: Any, city: RunningCity) -> None:
        self._chromium, self.city = chromium, city
        self._cookies: dict[str, dict[str, str]] = {"": {}}
        self._tabs: dict[tuple[str, ...], Visit] = {}

    def tab(
        self, part: str, *, size: str = "desk", theme: str = "light", language: str = "zh-hans"
    ) -> Visit:
        """Return the tab of whoever plays *part* (nobody for ``""``)."""
        key = (part, size, theme, language)
        if key not in self._tabs:
            if part not in self._cookies:
                self._sign_in(part)
            self._tabs[key] = open_tab(
                self._chromium, self.city.home, size=size, theme=theme, language=language,
                cookies=self._cookies[part],
            )  # fmt: skip
        return self._tabs[key]

    def _sign_in(self, part: str) -> None:
        entering = open_tab(self._chromium, self.city.home)
        entering.go("/demo/sign-in/")
        entering.page.locator(f"button[value='{self.city.people[part]}']").first.evaluate(
            "button => { for (let e = button; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true; }"
        )
        entering.page.locator(f"button[value='{self.city.people[part]}']").first.click()
        entering.page.wait_for_url(lambda url: "sign-in" not in url)
        entering.clean()
        found = {c["name"]: c["value"] for c in entering.page.context.cookies()}
        self._cookies[part] = {n: v for n, v in found.items() if n not in {"qylang", "csrftoken"}}
        entering.page.context.close()

    def clean(self) -> None:
        """Assert that nothing went wrong in any tab."""
        for visit in self._tabs.values():
            visit.clean()

    def close(self) -> None:
        """Close every tab."""
        for visit in self._tabs.values():
            visit.page.context.close()


def keep_picture(visit: Visit, name: str) -> None:
    """Take the window as the manual shows it; only when pictures are asked for."""
    if not PICTURES:
        return
    from PIL import Image

    visit.page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    visit.page.wait_for_function(
        """() => [...document.images].every(
          (i) => i.complete || i.getBoundingClientRect().top > innerHeight)"""
    )
    shot = Image.open(io.BytesIO(visit.page.screenshot()))
    # the official colours must stay what they are: whole coverage, then refined
    small = shot.convert("RGB").quantize(
        256, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE
    )
    IMAGES.mkdir(parents=True, exist_ok=True)
    small.save(IMAGES / f"{name}.png", optimize=True)
