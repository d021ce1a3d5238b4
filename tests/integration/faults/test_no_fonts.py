"""A machine without Chinese fonts: the PDF says so, the page of the bulletin does not mind."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
import typst
from django.test import Client

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.models import User
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.bulletins.models import Bulletin
from qingyuan.web.bulletins.services import compose_daily
from qingyuan.web.registry.services import load_city
from small_city import AT, small_city

pytestmark = pytest.mark.django_db


@pytest.fixture
def bulletin(monkeypatch, settings, tmp_path) -> Bulletin:
    from qingyuan.host.folder import DataFolder

    settings.FOLDER = DataFolder(tmp_path).create("city")
    load_city(small_city(), by=SYSTEM, at=AT - timedelta(days=2))
    monkeypatch.setattr(typst, "compile", partial(typst.compile, ignore_system_fonts=True))
    return compose_daily(day=city_date(AT) - timedelta(days=1), at=AT)


def test_the_pdf_is_refused_in_words_and_the_page_is_there(bulletin) -> None:
    reader = Client()
    reader.force_login(User.objects.get(username="duty"))
    pdf = reader.get(f"/bulletins/{bulletin.pk}/pdf/")
    assert pdf.status_code == 422
    text = pdf.content.decode()
    assert "PDF 没有排成" in text
    assert "网页版不受影响" in text
    assert "字体" in text
    page = reader.get(f"/bulletins/{bulletin.pk}/")
    assert page.status_code == 200
    assert bulletin.number in page.content.decode()


def test_a_bulletin_that_cannot_be_typeset_is_not_published(bulletin, raises_problem) -> None:
    from qingyuan.web.accounts.models import Unit
    from qingyuan.web.accounts.services import put_person
    from qingyuan.web.bulletins.services import publish

    bureau = Unit.objects.get(code="bureau")
    put_person(
        username="head",
        name="综合组",
        unit=bureau,
        role_names=["department_head"],
        at=AT,
        by=SYSTEM,
    )
    with raises_problem("printing.not_printed"):
        publish(bulletin=bulletin, by=User.objects.get(username="head"), at=AT)
    bulletin.refresh_from_db()
    assert bulletin.state == Bulletin.State.DRAFT
