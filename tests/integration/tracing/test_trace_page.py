"""The trace page: curves, plume, evidence, why not this one, rounds compared, the folder handed out."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from datetime import datetime
from urllib.parse import urlencode

import pypdf
import pytest
from django.conf import settings
from django.urls import reverse

from qingyuan import river
from qingyuan.web.audit.models import Entry
from qingyuan.web.registry.models import Outfall
from qingyuan.web.tracing import drawn, selectors, services
from qingyuan.web.tracing.services.drawings import NAME


def _at(name: str, pk: int, **query: str) -> str:
    return f"{reverse(name, args=[pk])}?{urlencode(query)}"


@pytest.fixture
def trace(bureau, signal):
    return signal.traces.get()


@pytest.fixture
def culprit(bureau) -> str:
    return bureau.incident.release.outfall_id


def test_the_curve_of_the_culprit_follows_the_readings(bureau, signal, trace, culprit):
    found = drawn.drawings_of(trace)
    charts = drawn.charts(found, culprit, limit=None, until=trace.detected_at)
    alarmed = next(c for c in charts if c.alarmed)
    fit, observed = alarmed.config["fits"][0], alarmed.config["observed"]
    assert len(fit["mean"]) == len(fit["low"]) == len(fit["high"]) > 10
    assert all(
        low[1] <= mean[1] <= high[1]
        for low, mean, high in zip(fit["low"], fit["mean"], fit["high"], strict=True)
    )
    assert max(v for _t, v in fit["mean"]) == pytest.approx(
        max(float(r[1]) for r in observed), rel=0.6
    )


def test_lost_drawings_are_made_again_the_same(bureau, trace):
    first = drawn.drawings_of(trace)
    (bureau.folder.events / trace.folder_name / NAME).write_text("{", "utf-8")
    assert drawn.drawings_of(trace) == first
    (bureau.folder.events / trace.folder_name / NAME).unlink()
    assert drawn.drawings_of(trace)["reasons"] == first["reasons"]


def test_the_plume_moves_down_the_river(bureau, signal, trace, culprit):
    span = drawn.plume_span(drawn.drawings_of(trace), culprit, now=trace.detected_at)
    found = drawn.drawings_of(trace)

    def front(at: str) -> float:
        features = drawn.plume_geojson(found, culprit, at=datetime.fromisoformat(at))["features"]
        return max((f["properties"]["p95"] for f in features), default=0.0), len(features)

    assert front(span["from"])[1] < front(span["now"])[1]
    answer = bureau.duty.gets(_at("trace-plume", signal.pk, **{"outfall": culprit}))
    assert answer.json()["features"]
    assert (
        bureau.duty.gets(
            _at("trace-plume", signal.pk, **{"outfall": "nobody", "at": "never"})
        ).json()["features"]
        == []
    )


def test_any_outfall_is_told_why_not(bureau, signal, trace, culprit):
    page = bureau.duty.gets(_at("trace", signal.pk)).content.decode()
    assert "为什么不是它" in page
    assert "推算与实测" in page
    other = next(c for c in drawn.drawings_of(trace)["reasons"] if c != culprit)
    text = bureau.duty.gets(_at("trace-why", signal.pk, **{"outfall": other})).content.decode()
    assert Outfall.objects.get(code=other).name in text
    assert "比特" in text
    downstream = Outfall.objects.exclude(code__in=drawn.drawings_of(trace)["reasons"]).first()
    if downstream is not None:
        told = drawn.reason(trace, drawn.drawings_of(trace), downstream.code)
        assert "不在断面上游" in told.says
    assert drawn.reason(trace, drawn.drawings_of(trace), "nobody") is None


def test_two_rounds_side_by_side(bureau, signal, trace):
    services.request_trace(signal=signal, at=bureau.at, why="x")
    bureau.passes(minutes=1)
    second = selectors.newest_answer(signal)
    told = drawn.comparison(trace, second)
    assert (told["first"], told["second"]) == (trace, second)
    page = bureau.duty.gets(_at("trace", signal.pk, **{"with": "1"})).content.decode()
    assert "第 1 轮与第 2 轮" in page


def test_the_folder_handed_out_gives_the_same_answer(bureau, signal, trace, tmp_path):
    answer = bureau.duty.gets(_at("trace-folder", signal.pk))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path / "event")
    again = river.trace(river.read_event(tmp_path / "event"), seed=trace.seed).as_json()
    assert again["candidates"][0] == trace.answer["candidates"][0]
    assert settings.FOLDER.events == bureau.folder.events


def test_the_officer_on_the_bank_sees_where_to_sample(bureau, signal):
    page = bureau.duty.gets(_at("trace-round", signal.pk)).content.decode()
    assert "采样单" in page


def test_the_report_says_the_answer_and_how_to_replay_it(bureau, signal, trace, culprit):
    name = Outfall.objects.get(code=culprit).name
    pdf = bureau.duty.gets(f"{reverse('trace-report', args=[signal.pk, 'pdf'])}?round=1").content
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    flat = re.sub(r"\s", "", text)
    for words in (name, "结论", "比特", trace.inputs_sha256[:16], "不代替现场核查"):
        assert words in flat, words
    docx = bureau.duty.gets(reverse("trace-report", args=[signal.pk, "docx"])).content
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        assert name in archive.read("word/document.xml").decode()
    entry = Entry.objects.filter(deed="tracing.report").earliest("pk")
    assert entry.detail["sha256"] == hashlib.sha256(pdf).hexdigest()
    assert bureau.duty.gets(reverse("trace-report", args=[signal.pk, "exe"])).status_code == 404
