"""A title that tells where the case came from is refused: the enterprise sees it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qingyuan.web.cases.models import Case
from qingyuan.web.cases.services import Origin, open_case

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("title", ["群众反映夜间异味", "市民举报偷排", "12345 转办：噪声"])
def test_a_title_that_betrays_its_source_opens_nothing(title, raises_problem):
    with raises_problem("cases.title_betrays"):
        open_case(
            procedure="exceedance",
            title=title,
            matter="water",
            district_code="x",
            origin=Origin("manual", "", "现场巡查"),
            enterprise_id=None,
            by=None,
            at=datetime(2026, 9, 22, tzinfo=UTC),
        )
    assert not Case.objects.exists()
