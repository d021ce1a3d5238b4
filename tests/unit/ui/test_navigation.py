"""Navigation by registration: who sees what, what folds, what is marked."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from qingyuan.web.ui import navigation
from qingyuan.web.ui.checks import navigation_resolves
from qingyuan.web.ui.navigation import NavEntry

ANNA = SimpleNamespace(is_authenticated=True)


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    monkeypatch.setattr(navigation, "_entries", {})


def enter(name: str, **more: object) -> None:
    navigation.register(
        NavEntry(name, name, more.pop("url_name", "ui-gallery"), more.pop("order", 10), **more)
    )


def names(items):
    return [item.name for item in items]


def test_entries_come_in_order_and_by_role():
    enter("late", order=30)
    enter("first", order=10)
    enter("secret", order=20, roles=("security_admin",))
    assert names(navigation.for_user(ANNA)) == ["first", "late"]
    assert names(navigation.for_user(ANNA, roles={"security_admin"})) == ["first", "secret", "late"]


def test_entries_of_one_group_fold_into_one_menu():
    enter("assigned", order=40, group="台账")
    enter("bulletins", order=60)
    enter("handled", order=41, group="台账")
    bar = navigation.for_user(ANNA)
    assert [item.label for item in bar] == ["台账", "bulletins"]
    assert names(bar[0].children) == ["assigned", "handled"]


def test_the_longest_address_that_fits_is_the_one_marked():
    enter("gallery")
    enter("map", url_name="ui-gallery-map")
    bar = navigation.for_user(ANNA, path="/ui/gallery/map/")
    assert [item.here for item in bar] == [False, True]


def test_counts_are_asked_for_the_person():
    enter("alarms", count=lambda user: 3 if user is ANNA else 0)
    assert navigation.for_user(ANNA)[0].count == 3


def test_the_dock_holds_only_phone_entries():
    enter("desk")
    enter("inbox", phone=True, desk=False)
    assert names(navigation.phone_for_user(ANNA)) == ["inbox"]
    assert names(navigation.for_user(ANNA)) == ["desk"]


def test_an_entry_without_address_is_left_out_and_named_by_the_check():
    enter("ghost", url_name="no-such-page")
    assert navigation.for_user(ANNA) == []
    assert [error.id for error in navigation_resolves()] == ["ui.E001"]
    assert "ghost" in navigation_resolves()[0].msg
