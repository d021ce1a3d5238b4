"""What a page may cost: how many questions it puts to the database, and that no answer outlives a deed.

Counts are remembered between pages; they must be right after every deed, at every deadline, and
never somebody else's.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qingyuan.core.periods import city_date
from qingyuan.host.citytime import CityClock
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.cases import selectors
from qingyuan.web.cases.models import Case
from qingyuan.web.cases.selectors import memory
from qingyuan.web.ui.once import once, one_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(client, town, monkeypatch):
    """Return a function that opens a page as somebody, at the town's time; it answers the context."""
    monkeypatch.setattr(CityClock, "now", lambda self: town.at)
    memory._held.clear()

    def see(who: str, route: str, *args: str, **query: str):
        client.force_login(town.who(who))
        answer = client.get(reverse(route, args=args), query)
        assert answer.status_code == 200
        return answer

    return see


# the most queries a page may put: session and person 5, bar 4, the rest its own; a hundred cases
# more must not add one
@pytest.mark.parametrize(
    ("route", "query", "most"),
    [
        pytest.param("ledger", {"ledger": "all"}, 22, id="ledger"),
        pytest.param("home", {}, 22, id="workbench"),
        pytest.param("case", {}, 34, id="case"),
        pytest.param("statistics", {}, 18, id="statistics"),
        pytest.param("search", {"q": "总磷"}, 20, id="search"),
        pytest.param("signals", {}, 18, id="signals"),
    ],
)
def test_a_page_puts_few_questions(look, town, route, query, most):
    cases = [town.open() for _ in range(12)]
    for case in cases[:6]:
        town.signed(case)
    args = (cases[0].number,) if route == "case" else ()
    look("duty", route, *args, **query)
    with CaptureQueriesContext(connection) as asked:
        look("duty", route, *args, **query)
    put = [q["sql"] for q in asked.captured_queries if not q["sql"].startswith(("SAVE", "RELEASE"))]
    signing_in = 6  # `look` signs in anew: not the page's own
    assert len(put) <= most + signing_in, "\n".join(sql[:160] for sql in put)


def test_counts_are_right_after_every_deed(look, town):
    first = town.open()
    assert look("duty", "home").context["counts"]["assign"] == 1
    assert look("duty", "ledger", ledger="assign").context["page"].paginator.count == 1
    town.open()
    assert look("duty", "home").context["counts"]["assign"] == 2
    assert look("duty", "ledger", ledger="assign").context["page"].paginator.count == 2
    town.signed(first)
    counts = look("duty", "home").context["counts"]
    assert (counts["assign"], counts["handle"]) == (1, 1)
    page = look("duty", "ledger", ledger="handle").context["page"]
    assert [case.number for case in page.object_list] == [first.number]


def test_the_desk_is_right_after_every_deed(look, town):
    case = town.open()
    assert [row.case.number for row in look("duty", "home").context["mine"]] == [case.number]
    town.do(case, "duty", "assign", unit="east", person="east1")
    assert look("duty", "home").context["mine"] == []
    assert [row.case.number for row in look("east1", "home").context["mine"]] == [case.number]


def test_time_alone_makes_a_case_late_in_every_count(look, town):
    case = town.signed(town.open())
    case.refresh_from_db()
    town.at = case.due_at - timedelta(minutes=1)
    assert look("duty", "home").context["counts"]["late"] == 0
    assert look("duty", "ledger", ledger="handle").context["totals"]["late"] == 0
    town.at = case.due_at
    assert look("duty", "home").context["counts"]["late"] == 1
    assert look("duty", "ledger", ledger="handle").context["totals"]["late"] == 1
    assert [row.case.pk for row in look("duty", "home").context["late"]] == [case.pk]


def test_what_the_bureau_was_shown_is_not_shown_to_a_branch(look, town):
    here = town.open()
    there = town.open(district_code="379902", section_code="", enterprise_id=None)
    whole = look("duty", "ledger", ledger="all").context["page"]
    assert {case.number for case in whole.object_list} == {here.number, there.number}
    branch = look("east1", "ledger", ledger="all")
    assert [case.number for case in branch.context["page"].object_list] == [here.number]
    assert there.number not in branch.content.decode()
    assert look("east1", "home").context["counts"]["assign"] == 1
    assert look("duty", "home").context["counts"]["assign"] == 2


def test_keys_somebody_else_may_see_open_nothing(town):
    there = town.open(district_code="379902", section_code="", enterprise_id=None)
    user = town.who("east1")
    from qingyuan.web.cases.selectors.ledger import cases_of

    assert cases_of([there.pk], scope_of(user, on=city_date(town.at))) == []


def test_an_answer_is_remembered_until_something_is_done(look, town):
    town.open()
    scope = scope_of(town.who("duty"), on=city_date(town.at))
    asked = []

    def ask() -> int:
        asked.append(Case.objects.count())
        return asked[-1]

    def told() -> int:
        return memory.remembered(("test",), ask, scope=scope, at=town.at)

    assert (told(), told(), len(asked)) == (1, 1, 1)
    town.open()
    assert (told(), len(asked)) == (2, 2)


def test_a_page_asks_once_and_a_deed_asks_each_time():
    asked = []

    def ask() -> int:
        asked.append(1)
        return len(asked)

    assert (once("k", ask), once("k", ask)) == (1, 2)
    with one_page():
        assert (once("k", ask), once("k", ask)) == (3, 3)
        with one_page():
            assert once("k", ask) == 3
    with one_page():
        assert once("k", ask) == 4


def test_the_rules_see_what_the_page_shows(town):
    case = town.submitted(town.open())
    file = selectors.file.case_file(case)
    assert selectors.facts_of(case) == selectors.facts_of(case, file=file)
    facts = selectors.facts_of(case)
    assert facts.evidence == {"check_record", "before_photo", "after_photo"}
    assert (facts.problems, facts.problems_open) == (2, 2)
    assert facts.unit == "east"
