"""Gallery (组件图册): every component with Chinese text of real length; demo and tests only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from qingyuan.web.ui import gallery_data
from qingyuan.web.ui.navigation import Item

NOW = datetime(2026, 9, 22, 1, 10, tzinfo=UTC)  # 09:10 in Beijing


class _Person:
    is_authenticated = True
    name = "王雪莹"
    title = "值班长"
    unit = "市生态环境局指挥中心"
    username = "wangxy"


class _ReturnForm(forms.Form):
    reason = forms.CharField(
        label="退回理由",
        help_text="写明缺什么、依据哪一条；对方会原样看到。",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写退回理由。"},
    )
    until = forms.DateField(
        label="补正期限",
        error_messages={"invalid": "“2026年9月31日”不是一个日期；9 月只有 30 天。"},
    )
    unit = forms.ChoiceField(
        label="承办单位",
        choices=[("1", "莱西分局 执法大队"), ("2", "市生态环境综合行政执法支队")],
        required=False,
    )
    photo = forms.FileField(
        label="现场照片", required=False, help_text="JPG 或 PNG，单张不超过 20 MB。"
    )
    urge = forms.BooleanField(label="同时发送催办通知", required=False)


def _frame() -> dict[str, Any]:
    bar = [
        Item("desk", "工作台", "/ui/gallery/", here=True),
        Item("map", "一张图", reverse("ui-gallery-map")),
        Item("alarms", "告警", "#alarms", count=3, tone="late"),
        Item(
            "group-ledger",
            "台账",
            children=[
                Item("assigned", "交办", "#assigned", count=12),
                Item("handling", "办理", "#handling", count=41),
                Item("concluded", "办结", "#concluded"),
            ],
        ),
        Item("bulletins", "通报", "#bulletins"),
        Item(
            "group-more",
            "更多",
            children=[
                Item("sections", "断面", "#sections"),
                Item("outfalls", "入河排污口", "#outfalls"),
                Item("quarantine", "隔离区", "#quarantine", count=17),
            ],
        ),
    ]
    return {
        "user": _Person(),
        "own_bar": bar,
        "own_dock": [
            Item(
                "inbox",
                "待办",
                reverse("ui-gallery-phone"),
                here=True,
                count=2,
                tone="late",
                icon="inbox",
            ),
            Item("monitor", "自测", "#monitor", icon="drop"),
            Item("done", "已办", "#done", icon="check"),
        ],
        "city_now": NOW,
        "city_rate": 1.0,
        "demo": False,
        "now": NOW,
    }


def gallery(request: HttpRequest) -> HttpResponse:
    """Show the desk components."""
    form = _ReturnForm({"reason": "", "until": "2026年9月31日", "unit": "1"})
    form.is_valid()
    rows = Paginator(range(12_043), 20)
    return render(
        request,
        "ui/gallery.html",
        {
            **_frame(),
            "form": form,
            "page": rows.page(7),
            "cases": gallery_data.CASES,
            "alarms": gallery_data.ALARMS,
            "tabs": [
                ("交办", "?ledger=assign", 12, False),
                ("办理", "?ledger=handle", 41, True),
                ("办结", "?ledger=conclude", 12_388, False),
            ],
            "steps": [
                ("found", "发现", "09-22 02:01 自动监测"),
                ("handled", "处理", "莱西分局 · 第 2 个工作日"),
                ("answered", "反馈", "期限 2026-10-12"),
            ],
            "rule": "自 2026-09-28 起 10 个工作日，跳过 10-01—10-07，10-10 调休上班；依据《超标处置程序》第 4 条",
            "due": NOW + timedelta(days=14),
            "series": gallery_data.series(NOW),
            "spark": gallery_data.spark(NOW),
            "series_rows": gallery_data.series_rows(NOW),
            "fit": gallery_data.fit(NOW),
            "suspects": gallery_data.SUSPECTS,
            "trace_map": gallery_data.trace_config(
                layer=reverse("ui-gallery-layer", args=["NAME"])
            ),
            "value": Decimal("1.34"),
        },
    )


def gallery_map(request: HttpRequest) -> HttpResponse:
    """Show the map with invented layers."""
    layer = reverse("ui-gallery-layer", args=["NAME"])
    card = reverse("ui-gallery-card", args=["NAME", "{id}"])
    return render(
        request,
        "ui/gallery_map.html",
        {**_frame(), "config": gallery_data.map_config(layer=layer, card=card, now=NOW)},
    )


def gallery_phone(request: HttpRequest) -> HttpResponse:
    """Show the phone components."""
    return render(request, "ui/gallery_phone.html", {**_frame(), "form": _ReturnForm()})


def gallery_live(request: HttpRequest) -> HttpResponse:
    """Answer the live element once, then 204."""
    if request.GET.get("since") == "2":
        return HttpResponse(status=204)
    response = HttpResponse(
        '<p id="live-line" class="qy-note" data-say="新告警：望澜桥断面氨氮超标">'
        "09:10 望澜桥断面 氨氮 1.34 mg/L，超过Ⅲ类限值 0.34 倍</p>"
    )
    response["X-Live-Since"] = "2"
    return response


def gallery_layer(request: HttpRequest, layer: str) -> JsonResponse:
    """Return one invented layer."""
    try:
        return JsonResponse(gallery_data.layer(layer))
    except KeyError as unknown:
        raise Http404 from unknown


def gallery_card(request: HttpRequest, layer: str, ref: str) -> HttpResponse:
    """Return the card of a mark on the map."""
    return render(
        request,
        "ui/gallery_card.html",
        {"layer": layer, "ref": ref, "spark": gallery_data.spark(NOW), "value": Decimal("1.34")},
    )
