"""The inspections' screens: rounds, a round, a bulletin read, a batch, hand-over, public table, look-back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inspected_town import InspectedTown, build_inspected_town, confirm, report_on, strike_off
from qingyuan.web.inspections import services
from qingyuan.web.inspections.models import GroupMember, Item, Material, Publicity, WorkingGroup

BULLETIN = (
    "9月22日，省第三生态环境保护督察组向清河市交办第7批群众信访举报件4件（重点关注件1件），其中来电3件、来信1件，累计4件。"
    "东山区3件，市公安局和市住房城乡建设局各1件。大气1个、水3个、噪声1个，共涉及5个问题。重复件1件。三日内反馈。"
)


@pytest.fixture
def place(db, tmp_path, settings) -> InspectedTown:
    """A round with one batch: an item struck off, one published, one waiting, one for two units."""
    from qingyuan.host.folder import DataFolder

    settings.FOLDER = DataFolder(tmp_path / "data")
    settings.FOLDER.store.mkdir(parents=True)
    made = build_inspected_town()
    town, head = made.town, made.town.who("head")
    batch = services.state_batch(round_=made.round, text=BULLETIN, by=head, at=town.at)
    made.item(batch, "D3SD202609220002", types=("water", "noise"), units=("police", "housing"))
    made.item(batch, "X3SD202609220003", channel="letter")
    for number, focus in (("D3SD202609220001", True), ("D3SD202609220004", False)):
        report_on(made, made.item(batch, number, focus=focus))
    strike_off(made, Item.objects.get(number="D3SD202609220001"))
    confirm(made, Item.objects.get(number="D3SD202609220004"))
    services.draw_look_back(made.round, size=1, seed="2026-09-30-7", reason="季度回头看", by=head, at=town.at)  # fmt: skip
    group = WorkingGroup.objects.create(
        round=made.round, name="综合组", charter="登记、分办、审核、销号。"
    )
    GroupMember.objects.create(
        group=group, name="陈", organisation="市公安局", from_on=batch.day, duty="联络"
    )
    Material.objects.create(
        round=made.round, number=1, title="排污许可清单", requester="督察二组", asked_on=batch.day,
        due_at=town.at - timedelta(days=1), holder="资料组",
    )  # fmt: skip
    Publicity.objects.create(
        round=made.round, batch=batch, medium="tv", outlet="市电视台", on=batch.day, by="值班", at=town.at,
    )  # fmt: skip
    return made


@pytest.mark.parametrize(
    "how", [{}, {"size": "phone", "theme": "dark"}, {"language": "en"}], ids=["desk", "phone", "en"]
)
def test_every_screen_is_accessible_and_fits(signed_in, picture, place, how):
    batch, look = place.round.batches.get().pk, place.round.look_backs.get().pk
    code = place.round.code
    tab = signed_in("head", **how)
    for path in (
        "/inspections/",
        f"/inspections/rounds/{code}/",
        f"/inspections/rounds/{code}/bulletin/",
        f"/inspections/rounds/{code}/add/member/",
        f"/inspections/batches/{batch}/",
        f"/inspections/batches/{batch}/assign/",
        f"/inspections/batches/{batch}/public/",
        "/inspections/items/D3SD202609220001/",
        "/inspections/items/D3SD202609220004/public/",
        f"/inspections/look-backs/{look}/",
        f"/inspections/materials/{Material.objects.get().pk}/",
    ):
        assert tab.go(path).status == 200
        tab.accessible()
        tab.fits()
        picture(tab, f"inspections{path.replace('/', '-')}{'-'.join(how.values())}")
    tab.clean()


def test_a_bulletin_is_read_kept_and_the_batch_handed_over(signed_in, picture, place):
    tab = signed_in("duty")
    tab.go(f"/inspections/rounds/{place.round.code}/bulletin/")
    tab.page.locator("[name=text]").fill(BULLETIN)
    tab.page.locator("form[data-keep] button.is-primary").click()
    tab.page.wait_for_selector("#said")
    assert "未读懂：重复件1件" in tab.page.locator("main").inner_text()
    tab.accessible()
    picture(tab, "inspections-bulletin-read")
    tab.page.locator("button[name=confirm]").click()
    tab.page.wait_for_url("**/inspections/batches/*/")
    tab.page.locator("a.is-primary").click()
    tab.page.wait_for_url("**/assign/")
    tab.page.locator("form footer button.is-primary").click()
    tab.page.wait_for_selector("[role=status] .qy-facts")
    assert "已交办 2 件，共选 2 件" in tab.page.locator("main").inner_text()
    picture(tab, "inspections-assigned")
    tab.clean()
