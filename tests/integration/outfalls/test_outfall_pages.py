"""Pages of outfalls as each person sees them."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.outfalls import selectors, services
from qingyuan.web.outfalls.models import OutfallRecord
from qingyuan.web.outfalls.selectors.coverage import worth_of_history
from qingyuan.web.registry.models import Outfall, OutfallProfile


def _text(client, name, *args, **query):
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def test_the_ledger_lists_filters_and_exports(enter, city):
    client = enter("duty")
    assert "清河印染排污口" in _text(client, "outfalls")
    assert "清河印染排污口" not in _text(client, "outfalls", level1="农业排口")
    assert "清河印染排污口" not in _text(client, "outfalls", use="ended")
    answer = client.get(
        reverse("exchange-export", args=["outfalls.outfalls"]), {"text": "清河印染", "use": "all"}
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    cells = [
        cell
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for cell in row
    ]
    assert "O1" in cells
    assert "O2" not in cells


def test_the_page_says_record_river_and_history(enter, outfall):
    text = _text(enter("duty"), "outfall", "O1")
    for words in ("GB 4287-2012", "清河印染有限公司", "HJ 1312-2023", "下一断面", "曼宁"):
        assert words in text, words
    assert "修订档案" not in text  # a duty officer does not keep records


def test_a_person_revises_by_form_and_is_told_of_a_clash(enter, outfall, person, at):
    client = enter("head")
    page = client.get(reverse("outfall-revise", args=["O1"]))
    form = page.context["form"]
    data = {name: form.initial.get(name) for name in form.fields}
    data = {k: "" if v is None else v for k, v in data.items()} | {
        "pipe_mm": "800",
        "reason": "复核",
    }
    assert client.post(reverse("outfall-revise", args=["O1"]), data).status_code == 302
    assert OutfallRecord.objects.get(valid_to=None).pipe_mm == 800
    assert "第 2 版" in _text(client, "outfall", "O1")
    again = client.post(reverse("outfall-revise", args=["O1"]), data | {"pipe_mm": "900"})
    assert again.status_code == 422
    assert "第 2 版" in again.content.decode()


def test_a_result_that_is_none_is_told_at_its_field(enter, outfall):
    client = enter("duty")
    data = {"taken_at": "2026-09-20T10:00", "laboratory": "市站", "w21003": "x", "w01018": "40"}
    answer = client.post(reverse("outfall-samples", args=["O1"]), data)
    assert answer.status_code == 422
    assert not outfall.samples.exists()
    assert (
        client.post(reverse("outfall-samples", args=["O1"]), data | {"w21003": "3.1"}).status_code
        == 302
    )
    assert sorted(outfall.samples.values_list("factor", flat=True)) == ["w01018", "w21003"]


def test_the_sign_opens_a_page_without_an_account(enter, outfall, person, at, client):
    sign = services.issue_sign(outfall, by=person("head"), at=at)
    assert "<svg" in _text(enter("head"), "outfall-sign", "O1")
    text = _text(client, "outfall-public", sign.token)
    assert "清河印染排污口" in text
    assert "GB 4287-2012" in text
    for hidden in ("修订", "溯源用特征", "在线监测", "样品", "告警"):
        assert hidden not in text, hidden
    assert client.get(reverse("outfall-public", args=["x" * 22])).status_code == 404


def test_an_enterprise_sees_its_own_alone_and_no_history(enter, outfall):
    client = enter("ent1")
    text = _text(client, "outfall", "O1")
    assert "档案历史" not in text
    assert client.get(reverse("outfall", args=["O2"])).status_code == 404
    assert client.get(reverse("outfall-revise", args=["O1"])).status_code in (403, 404)


def test_coverage_names_the_dearest_gap(enter, person, city, at):
    OutfallProfile.objects.all().delete()
    found = selectors.coverage(scope_of(person("duty"), on=city_date(at)))
    assert (found.total, found.known) == (Outfall.objects.count(), 0)
    assert found.bits_known == 0
    assert [m.bits for m in found.missing] == sorted((m.bits for m in found.missing), reverse=True)
    assert "最值得先采样" in _text(enter("duty"), "outfalls-coverage")


def test_history_is_worth_most_where_the_question_is_most_open():
    worth = worth_of_history([{"a": 1.0, "b": 1.0}, {"a": 1.0, "c": 3.0}, {"d": 1.0}])
    assert worth["a"] == (2, pytest.approx((1.0 + 0.8112781) / 3, abs=1e-6))
    assert worth["d"] == (1, 0.0)  # the only one upstream: nothing to learn


def test_along_the_river_from_head_to_mouth(enter, city):
    text = _text(enter("duty"), "river-along", outfall="O1")
    assert "望澜河" in text
    assert "的上下游" in text
    assert "qy-along" in text


def test_a_click_on_the_river_starts_there(enter, city):
    client = enter("duty")
    text = _text(client, "river-here", lon="120.3", lat="36.7")
    assert "R1" in text
    assert "1,500 m" in text or "1500 m" in text
    assert "没有登记的河段" in _text(client, "river-here", lon="110", lat="30")
    assert "没有登记的河段" in _text(client, "river-here", lon="x", lat="")


def test_the_map_shows_outfalls_as_they_were(enter, outfall, person, at):
    services.revise(
        outfall, {"outfall_class": "矿山排污口", "state": "curing"}, reason="复核",
        valid_from=city_date(at), seen=0, by=person("head"), at=at,
    )  # fmt: skip
    services.end(
        outfall, kind="closed", into=None, on=city_date(at), reason="封堵", by=person("head"), at=at
    )
    client = enter("head")

    def shown(**query):
        found = client.get(reverse("map-layer", args=["outfalls"]), query).json()["features"]
        return {f["properties"]["code"]: f["properties"] for f in found}

    assert "O1" not in shown()
    assert shown(at="2026-09-20T00:00:00Z")["O1"]["state"] == ""
