"""The demo city's week, from its own history: air ranked, water classed, every page printed."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from qingyuan import synth
from qingyuan.cities import read_city, shipped_city
from qingyuan.core.periods import city_date
from qingyuan.host.folder import DataFolder
from qingyuan.reporting import Document
from qingyuan.store.observations import Observations
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.bulletins import services
from qingyuan.web.registry import services as registry

pytestmark = pytest.mark.django_db


def test_the_week_of_the_demo_city(settings, tmp_path):
    settings.FOLDER = DataFolder(tmp_path / "city").create("city")
    city = read_city(shipped_city("demo"))
    began = city.epoch - timedelta(days=9)
    registry.load_city(city, by=SYSTEM, at=began)
    history = synth.history(city, seed=1, days=9, until=city.epoch)
    Observations(settings.FOLDER.store).bulk(history, app=("history", 1))
    last_week = city_date(city.epoch) - timedelta(days=7)
    made = services.compose(kind="weekly", day=last_week, at=city.epoch)
    document = Document.from_dict(made.content)
    (standing,) = [t for t in document.tables() if t.name == "air"]
    ranks = [row[0].text for row in standing.rows]
    assert ranks[0] == "1"
    assert document.totals["sections"] == 24
    assert [c.kind for s in document.sections for c in s.charts] == ["line", "ranking", "matrix"]
    pages = PdfReader(io.BytesIO(services.pdf_bytes(made))).pages
    text = "".join(page.extract_text() for page in pages)
    assert "清源市生态环境周通报" in text
    assert 3 <= len(pages) <= 7
