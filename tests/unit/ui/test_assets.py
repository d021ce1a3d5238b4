"""Hashed assets, the palette, and the budgets of what a page fetches."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from qingyuan.web.ui import assets, palette


@pytest.fixture
def built():
    if not assets.manifest():
        pytest.skip("the front end is not built: cd frontend && node build.mjs")
    return assets.manifest()


def test_a_manifest_is_read_again_when_the_build_changes(tmp_path, monkeypatch):
    import os

    monkeypatch.setattr(assets, "DIST", tmp_path)
    monkeypatch.setattr(assets, "_read", (0.0, {}))
    assert assets.manifest() == {}
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"app.js": "app-AAAA.js"}), "utf-8")
    assert assets.address("app.js").endswith("dist/app-AAAA.js")
    path.write_text(json.dumps({"app.js": "app-BBBB.js"}), "utf-8")
    os.utime(path, (1, 1))
    assert assets.address("app.js").endswith("dist/app-BBBB.js")


def test_every_asset_named_in_the_manifest_is_there(built):
    for name in ("app.js", "app.css", "boot.js", "map.js", "chart.js", "trace.js", "map-worker.js"):
        assert (assets.DIST / built[name]).is_file()


def weight(built, *names: str) -> float:
    """Kilobytes after gzip, with everything the files import at once."""
    wanted = [built[name] for name in names]
    seen: set[str] = set()
    while wanted:
        file = wanted.pop()
        if file not in seen:
            seen.add(file)
            text = (assets.DIST / file).read_text("utf-8")
            wanted += re.findall(r'(?:from|import)"\./([^"]+)"', text)
    return sum(len(gzip.compress((assets.DIST / file).read_bytes())) for file in seen) / 1000


def test_pages_stay_within_their_budgets(built):
    """product.md §4.1: page scripts 40 kB, CSS 90 kB, map page 550 kB."""
    assert weight(built, "app.js", "boot.js") <= 40
    assert weight(built, "app.css") <= 90
    assert weight(built, "app.js", "boot.js", "map.js", "map-worker.js") <= 550


def test_no_built_file_reaches_for_another_host(built):
    css = (assets.DIST / built["app.css"]).read_text("utf-8")
    assert re.findall(r"url\([\"']?https?:", css) == []
    assert "@import" not in css


def contrast(one: str, two: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    a, b = sorted((light(one), light(two)), reverse=True)
    return (a + 0.05) / (b + 0.05)


@pytest.mark.parametrize("name", ["water_class", "aqi_level"])
def test_text_on_official_colours_can_be_read(name):
    for step in palette.scale(name):
        assert contrast(step["colour"], step["ink"]) >= 4.5, step


def test_the_palette_has_the_classes_in_their_one_spelling():
    assert [step["name"] for step in palette.scale("water_class")] == list(palette.CLASSES)
