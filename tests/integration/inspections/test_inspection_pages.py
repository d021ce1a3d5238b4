from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pypdf
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from inspected_town import CANARY, PUBLIC_TEXT, InspectedTown, confirm, report_on, strike_off
from qingyuan.web.accounts.models import User
from qingyuan.web.cases.models import Case
from qingyuan.web.inspections import services
from qingyuan.web.inspections.models import Batch, Item, ItemRound, Material, Round
from qingyuan.web.registry.models import District

Enter = Callable[[str], Client]
PIECES = ("苗翠兰", "13912345678", "海风里")
BULLETIN = (
    "9月22日，省督察组交办第7批举报件3件，来电1件、来信1件。东山区1件。大气1个、水1个。重复件1件。"
)


@pytest.fixture
def item(place: InspectedTown, batch: Batch) -> Item:
    return place.item(batch, "D3SD202609220001", focus=True, problem=f"冒黑烟。{CANARY}")


def test_every_page_of_a_round_opens_in_both_languages(
    place: InspectedTown, item: Item, enter: Enter
):
    report_on(place, item)
    strike_off(place, item)
    look = services.draw_look_back(place.round, size=1, seed="1", reason="季度", by=place.town.who("head"), at=place.town.at)  # fmt: skip
    code, batch = place.round.code, item.batch
    client = enter("head")
    client.post(reverse("inspection-record", args=[code, "material"]), {"number": 1, "title": "清单", "requester": "督察组", "asked_on": "2026-09-22", "due_at": "2026-09-23T18:00", "holder": "资料组"})  # fmt: skip
    material = Material.objects.get()
    pages = [
        reverse("inspections"),
        reverse("inspection-round-add"),
        reverse("inspection-round", args=[code]),
        reverse("inspection-bulletin", args=[code]),
        reverse("inspection-draw", args=[code]),
        reverse("inspection-batch", args=[batch.pk]),
        reverse("inspection-batch", args=[batch.pk]) + "?focus=1",
        reverse("inspection-assign", args=[batch.pk]),
        reverse("inspection-public", args=[batch.pk]),
        reverse("inspection-item", args=[item.number]),
        reverse("inspection-text", args=[item.number]),
        reverse("inspection-rule", args=[item.number]),
        reverse("inspection-material", args=[material.pk]),
        reverse("inspection-look-back", args=[look.pk]),
        *(
            reverse("inspection-record", args=[code, kind])
            for kind in ("group", "member", "shift", "hand-over", "publicity", "paper", "finding")
        ),
    ]
    kept = _data(place, item)
    for language in ("zh-hans", "en"):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200, (language, page)
            if language == "en":
                left = {run for run in _chinese_in(answer.content.decode()) if run not in kept}
                assert not left, (page, left)


def _chinese_in(page: str) -> set[str]:
    """Return the runs of Chinese a reader of a page meets, the frame around it left out."""
    inside = page[page.index("<main") : page.index("</main>")]
    inside = re.sub(r'<table[^>]*lang="zh-Hans".*?</table>', "", inside, flags=re.S)  # a paper
    plain = re.sub(r"<script.*?</script>|<[^>]*>", "\n", inside, flags=re.S)
    words = re.findall(r'(?:aria-label|title|placeholder|data-label)="([^"]*)"', inside)
    return set(re.findall(r"[一-鿿]+", "\n".join([plain, *words])))


def _data(place: InspectedTown, item: Item) -> str:
    """Return what people wrote and places are called; it stands in every language."""
    rows: list[object] = [place.round.group, item.problem, "季度", "清单", "督察组", "资料组", CANARY, *PUBLIC_TEXT.values()]  # fmt: skip
    rows += [name for user in User.objects.select_related("unit") for name in (user.name, user.unit.name_zh)]  # fmt: skip
    rows += list(ItemRound.objects.values_list("finding", "measures", "accepted_by", "notice_where"))  # fmt: skip
    rows += list(Case.objects.values_list("number", "title"))
    rows += ["无", *District.objects.values_list("name_zh", flat=True)]
    return "\n".join(map(str, rows))


def test_a_bulletin_is_read_first_and_kept_when_confirmed_with_all_its_faults(
    place: InspectedTown, enter: Enter
):
    client = enter("duty")
    page = reverse("inspection-bulletin", args=[place.round.code])
    assert client.post(page, {"text": ""}).status_code == 422
    read = client.post(page, {"text": BULLETIN})
    assert read.status_code == 200
    said = read.content.decode()
    assert "按责任单位相加 1" in said
    assert "未读懂：重复件1件" in said
    assert not Batch.objects.exists()
    assert client.post(page, {"text": BULLETIN, "confirm": "1"}).status_code == 302
    kept = Batch.objects.get()
    assert (kept.number, kept.items_stated, kept.unread) == (7, 3, ["重复件1件"])
    shown = client.get(reverse("inspection-batch", args=[kept.pk])).content.decode()
    assert "来电与来信相加 2" in shown
    assert "通报中未读懂：重复件1件" in shown


def test_same_day_hand_over_says_what_became_of_each(
    place: InspectedTown, batch: Batch, enter: Enter
):
    good = place.item(batch, "D3SD202609220001")
    lost = place.item(batch, "D3SD202609220002", units=("enterprises",))
    client = enter("duty")
    page = reverse("inspection-assign", args=[batch.pk])
    assert "没有可承办的人员" in client.get(page).content.decode()
    done = client.post(page, {"item": [good.pk, lost.pk]}).content.decode()
    assert "已交办 1 件，共选 2 件" in done
    assert Item.objects.get(pk=good.pk).case.state == "in_hand"
    assert Item.objects.get(pk=lost.pk).case.state == "to_assign"


def _text_of(content: bytes, ending: str) -> str:
    if ending == "pdf":
        return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return "".join(package.read(name).decode("utf-8", "ignore") for name in package.namelist())


def test_no_public_paper_names_who_reported(place: InspectedTown, item: Item, enter: Enter):
    report_on(place, item)
    confirm(place, item)
    client = enter("head")
    batch = item.batch_id
    for what, ending in (("public", "xlsx"), ("public", "docx"), ("public", "pdf"), ("bulletin", "docx"), ("bulletin", "pdf")):  # fmt: skip
        answer = client.get(reverse("inspection-file", args=[batch, what, ending]))
        assert answer.status_code == 200
        text = "".join(_text_of(answer.content, ending).split())
        assert all(piece not in text for piece in PIECES), (what, ending)
        wanted = "某企业冒烟" if what == "public" else "罚款金额"
        assert wanted in text, (what, ending)
    for page in ("inspection-public", "inspection-batch"):
        shown = client.get(reverse(page, args=[batch])).content.decode()
        assert all(piece not in shown for piece in PIECES), page


def test_a_public_text_that_names_somebody_is_refused_and_the_draft_is_blanked(
    place: InspectedTown, item: Item, enter: Enter
):
    report_on(place, item)
    client = enter("duty")
    page = reverse("inspection-text", args=[item.number])
    drafted = client.get(page).context["form"].initial["public_finding"]
    assert "13912345678" not in drafted
    assert "×××" in drafted
    given = {
        "public_problem": "某企业",
        "public_finding": "致电13912345678核实",
        "public_measures": "已改",
    }
    refused = client.post(page, given)
    assert refused.status_code == 422
    assert "13912345678" in refused.content.decode()
    assert not ItemRound.objects.filter(confirmed_at__isnull=False).exists()
    assert client.post(page, {**given, "public_finding": "经查属实"}).status_code == 302
    assert ItemRound.objects.get().confirmed_by.startswith("值班员甲")


def test_an_officer_of_another_district_sees_neither_item_nor_file(
    place: InspectedTown, item: Item, enter: Enter
):
    west = enter("west1")
    assert west.get(reverse("inspection-item", args=[item.number])).status_code == 404
    assert (
        west.get(reverse("inspection-file", args=[item.batch_id, "public", "pdf"])).status_code
        == 404
    )
    shown = west.get(reverse("inspection-batch", args=[item.batch_id])).content.decode()
    assert item.number not in shown
    assert enter("ent1").get(reverse("inspections")).status_code in (403, 404)


def test_a_material_is_logged_by_version_and_never_twice(place: InspectedTown, enter: Enter):
    client = enter("head")
    add = reverse("inspection-record", args=[place.round.code, "material"])
    given = {"number": 1, "title": "排污许可清单", "requester": "督察组二组", "asked_on": "2026-09-22", "due_at": "2026-09-23T18:00", "holder": "资料组"}  # fmt: skip
    assert client.post(add, given).status_code == 302
    assert client.post(add, {**given, "number": 2}).status_code == 422, (
        "the same title is asked once"
    )
    material = Material.objects.get()
    page = reverse("inspection-material", args=[material.pk])

    def send(content: bytes) -> int:
        held = io.BytesIO(content)
        held.name = "清单.xlsx"
        return client.post(page, {"file": held, "received_by": "周"}).status_code

    assert [send(b"one"), send(b"one"), send(b"two")] == [302, 422, 302]
    assert list(material.versions.order_by("version").values_list("version", flat=True)) == [1, 2]


def test_a_look_back_is_drawn_again_by_anybody_and_reopens_on_rebound(
    place: InspectedTown, batch: Batch, enter: Enter
):
    from qingyuan.web.inspections.sampling import draw, pool_hash

    items = [place.item(batch, f"D3SD20260922000{n}") for n in (1, 2, 3)]
    for item in items:
        report_on(place, item)
        strike_off(place, item)
    client = enter("head")
    page = reverse("inspection-draw", args=[place.round.code])
    assert client.post(page, {"size": 4, "seed": "s", "reason": "季度"}).status_code == 422
    assert client.post(page, {"size": 2, "seed": "s", "reason": "季度"}).status_code == 302
    look = Round.objects.get().look_backs.get()
    assert look.pool_sha256 == pool_hash(look.pool)
    drawn = [c.item.number for c in look.checks.order_by("position")]
    assert tuple(drawn) == draw(look.pool, size=2, seed=look.seed)
    steady, rebound = look.checks.order_by("position")
    check = reverse("inspection-check", args=[steady.pk])
    assert client.post(check, {"result": "steady", "finding": ""}).status_code == 422
    assert client.post(check, {"result": "steady", "finding": "到位"}).status_code == 302
    assert client.post(check, {"result": "rebound", "finding": "又变"}).status_code == 422
    client.post(
        reverse("inspection-check", args=[rebound.pk]), {"result": "rebound", "finding": "复烟"}
    )
    rebound.item.case.refresh_from_db()
    assert (rebound.item.case.state, rebound.item.case.round) == ("to_assign", 2)
