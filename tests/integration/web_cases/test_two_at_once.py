"""Two people at once on a real database: one wins, the other is told, nobody waits for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from at_once import together
from case_town import Town, build_town
from qingyuan.web.audit import services as audit
from qingyuan.web.cases import services
from qingyuan.web.cases.models import Case, CaseLink, Deed


@pytest.fixture
def town(transactional_db: None) -> Iterator[Town]:
    return build_town()


def _assign(town: Town, case: Case, who: str, unit: str, person: str) -> Callable[[], Any]:
    by, at = town.who(who), town.at + timedelta(hours=1)
    return lambda: services.perform(
        case=case, deed="assign", by=by, at=at, data={"unit": unit, "person": person}
    )


def test_only_one_of_two_assignments_counts(town):
    case = town.open()
    said = together(
        _assign(town, case, "duty", "east", "east1"), _assign(town, case, "head", "west", "west1")
    )
    assert sorted(said) == ["casework.not_now", "done"]
    assert case.parts.filter(ended_at=None).count() == 1
    assert list(case.deeds.order_by("seq").values_list("seq", flat=True)) == [1, 2]
    assert audit.verify() is None


def test_two_cases_are_not_merged_into_each_other(town, joint):
    by, at = town.who("duty"), town.at + timedelta(hours=1)
    for _ in range(3):
        a, b = joint(), joint()
        said = together(
            lambda a=a, b=b: services.merge(cases=[a], into=b, by=by, at=at, reason="同一处"),
            lambda a=a, b=b: services.merge(cases=[b], into=a, by=by, at=at, reason="同一处"),
        )
        assert sorted(said) == ["cases.merge_into_closed", "done"] or sorted(said) == [
            "casework.not_now", "done",
        ]  # fmt: skip
        assert CaseLink.objects.filter(case__in=[a, b]).count() == 1
        assert Case.objects.filter(pk__in=[a.pk, b.pk], closed_at=None).count() == 1


def test_a_merge_and_a_deed_come_one_after_the_other(town, joint):
    a, b = joint(), joint()
    by, at = town.who("duty"), town.at + timedelta(hours=1)
    said = together(
        lambda: services.merge(cases=[a], into=b, by=by, at=at, reason="同一处"),
        _assign(town, b, "head", "east", "east1"),
        _assign(town, a, "head", "east", "east1"),
    )
    assert said[1] == "done"
    assert (said[0], said[2]) in {("done", "casework.not_now"), ("done", "done")}
    assert Case.objects.get(pk=a.pk).state == "merged"
    assert audit.verify() is None


def test_batches_in_opposite_order_do_not_deadlock(town):
    opened = [town.open() for _ in range(4)]
    by, at = (town.who("duty"), town.who("head")), town.at + timedelta(hours=1)
    ok: list[int] = []

    def batch(who: int, cases: list[Case]) -> None:
        outcomes = services.perform_many(
            cases=cases,
            deed="assign",
            by=by[who],
            at=at,
            data={"unit": "east", "person": "east1"},
        )
        ok.append(sum(o.ok for o in outcomes))

    assert together(lambda: batch(0, opened), lambda: batch(1, opened[::-1])) == ["done", "done"]
    assert sorted(ok) == [0, 4]


def test_two_who_open_many_in_two_districts_do_not_deadlock(town):
    def many(districts: list[str]) -> None:
        with transaction.atomic():
            for district in districts:
                services.open_case(
                    procedure="exceedance",
                    title="断面超标",
                    matter="water",
                    district_code=district,
                    origin=services.Origin("manual", "", "测试"),
                    enterprise_id=None,
                    by=None,
                    at=town.at,
                )

    east, west = "379901", "379902"
    assert together(lambda: many([east, west] * 2), lambda: many([west, east] * 2)) == [
        "done", "done",
    ]  # fmt: skip
    assert Case.objects.values("number").distinct().count() == 8


def test_one_source_opens_one_case(town):
    def once() -> None:
        town.open(source=("青岛热线", "1"), at=town.at, by=None)

    assert sorted(together(once, once)) == ["cases.source_taken", "done"]
    assert Deed.objects.count() == 1


def test_a_deed_and_the_cards_pass_each_other(town):
    case = town.open()
    town.do(case, "duty", "assign", unit="east", person="east1")
    at = town.at + timedelta(days=30)
    said = together(
        lambda: services.perform(case=case, deed="sign", by=town.who("east1"), at=at),
        lambda: services.send_cards(at=at),
        lambda: services.send_cards(at=at),
    )
    assert said == ["done", "done", "done"]
    assert audit.verify() is None
