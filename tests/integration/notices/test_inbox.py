from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from qingyuan.web.accounts.services import put_person, put_unit
from qingyuan.web.audit.services import SYSTEM
from qingyuan.web.notices import selectors, services
from qingyuan.web.notices.models import Notice

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)


@pytest.fixture
def people():
    bureau = put_unit(
        code="b", parent=None, name_zh="市局", name_en="", kind="bureau", district_code=""
    )
    return [
        put_person(
            username=name, name=name, unit=bureau, role_names=["duty_officer"], at=AT, by=SYSTEM
        )
        for name in ("duty1", "duty2")
    ]


def _tell(users, **more):
    return services.notify(
        users, kind="signal", title="望澜桥断面 氨氮超标", url="/notices/", at=AT, **more
    )


def test_a_message_reaches_each_person_once(people):
    assert _tell([*people, people[0]], title_en="Ammonia over the limit at Wanglan Bridge") == 2
    assert [selectors.unread_count(p) for p in people] == [1, 1]


def test_a_deed_that_is_undone_tells_nobody(people):
    with transaction.atomic():
        _tell(people)
        transaction.set_rollback(True)
    assert Notice.objects.count() == 0


def test_an_account_that_is_off_gets_nothing(people):
    people[0].is_active = False
    assert _tell(people) == 1


def test_opening_marks_read_and_goes_where_it_points(people, client):
    _tell(people)
    client.force_login(people[0])
    notice = selectors.inbox(people[0]).get()
    assert "望澜桥断面 氨氮超标" in client.get(reverse("notices")).content.decode()
    answer = client.get(reverse("notice-open", args=[notice.pk]))
    assert answer.headers["Location"] == "/notices/"
    assert selectors.unread_count(people[0]) == 0
    assert selectors.unread_count(people[1]) == 1


def test_another_persons_message_is_not_there(people, client):
    _tell([people[1]])
    client.force_login(people[0])
    assert client.get(reverse("notice-open", args=[Notice.objects.get().pk])).status_code == 404


def test_a_message_of_the_future_is_not_read_yet(people):
    _tell(people)
    assert services.mark_read(people[0], at=AT - timedelta(minutes=1)) == 0
