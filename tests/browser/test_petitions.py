"""The screens of petitions: the desk, one petition, registers, figures, and the public's own pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from petition_desk import PLACE, Desk, build_desk, picture_with_secrets
from qingyuan.core.periods import city_date
from qingyuan.web.petitions import services
from qingyuan.web.petitions.models import Petition, Report
from qingyuan.web.registry.models import District


@pytest.fixture
def desk(db, tmp_path, settings) -> Desk:
    """Two petitions, one answered ill and owned by a leader; reports that wait; a draw; a register."""
    from qingyuan.host.folder import DataFolder

    settings.FOLDER = DataFolder(tmp_path / "data").create("city")
    made = build_desk()
    head, day = made.who("head"), city_date(made.at)
    ill = made.register(
        made.receive(photos=[("a.jpg", picture_with_secrets("x"))]), batch="中央交办第三批"
    )
    made.answered(ill, truth="unproven")
    made.called(ill, "unsatisfied", "unsolved")
    made.closed(
        made.register(
            made.receive(channel="hotline_12345", lon=PLACE[0] + 0.1, source=("12345", "GD1"))
        )
    )
    made.register(
        made.receive(lon=PLACE[0] + 0.001, category="noise", text="夜间噪声"),
        title="东山区噪声问题",
    )
    made.receive()
    made.receive(received_at=made.at - timedelta(days=14), contact={}, by=None)
    package = services.open_package(
        ill, leader=made.who("vice"), team="专班五人", plan="每周调度，月底前完成排气筒改造", pursuit="异味消除并回访满意",
        period="2026下半年", by=head, at=made.at,
    )  # fmt: skip
    services.tick(package, kind="situation", done_on=day, note="入户了解", by=head, at=made.at)
    services.visit(
        package, leader=made.who("vice"), mode="go_down", on=day, note="到现场", by=head, at=made.at
    )
    services.list_as_key(ill, year=day.year, by=head, at=made.at)
    services.set_target(year=day.year, kind="key", count=10, basis="附件8", by=head, at=made.at)
    services.put_escalation(
        number="YJ2026-1", district=District.objects.get(code="379901"), level="province", on=day, people=2,
        matter="异味问题", stability="watched", by=head, at=made.at, petition=ill,
    )  # fmt: skip
    services.draw_sample(
        purpose="closed", since=day, until=city_date(made.at), by=head, seed="1", at=made.at
    )
    return made


@pytest.mark.parametrize(
    "how", [{}, {"size": "phone", "theme": "dark"}, {"language": "en"}], ids=["desk", "phone", "en"]
)
def test_every_screen_is_accessible_and_fits(signed_in, picture, desk, how):
    number = Petition.objects.get(batch="中央交办第三批").case.number
    waiting = Report.objects.filter(state="received", district__isnull=False).first()
    assert waiting is not None
    tab = signed_in("head", **how)
    for path in (
        "/petitions/?tab=all",
        "/petitions/intake/",
        f"/petitions/intake/{waiting.pk}/",
        f"/petitions/reports/{waiting.pk}/look/",
        f"/petitions/{number}/",
        f"/petitions/{number}/words/",
        f"/petitions/{number}/package/",
        "/petitions/packages/",
        "/petitions/backlog/",
        "/petitions/escalations/",
        "/petitions/samples/",
        "/petitions/look-backs/",
        "/petitions/figures/?by=category",
        "/petitions/settings/",
        "/report/",
        "/report/?c=air",
        "/report/progress/",
        "/report/conduct/",
    ):
        assert tab.go(path).status == 200, path
        tab.accessible()
        tab.fits()
        name = path.partition("?")[0].strip("/").replace("/", "-")
        picture(tab, f"petitions-{name}{'-'.join(how.values())}")
    tab.clean()
