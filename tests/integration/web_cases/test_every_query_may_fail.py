"""Make the first, second, … n-th query of a deed fail: each time the case stands as it stood."""

from __future__ import annotations

from itertools import count

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from qingyuan.web.audit import services as audit
from qingyuan.web.audit.models import Entry
from qingyuan.web.cases.models import (
    Case,
    CaseClock,
    CasePart,
    Deed,
    EvidenceLink,
    ProblemItem,
    SignOff,
)
from qingyuan.web.files.models import Attachment
from qingyuan.web.notices.models import Notice

pytestmark = pytest.mark.django_db
TABLES = (
    Attachment, CaseClock, CasePart, Deed, Entry, EvidenceLink, Notice, ProblemItem, SignOff,
)  # fmt: skip


class _FailAt:
    """Lets queries through until the *n*-th, which fails once."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self, execute, sql, params, many, context):
        self.left -= 1
        if self.left == 0:
            raise OperationalError("the connection was lost")
        return execute(sql, params, many, context)


def _snapshot(case: Case) -> tuple[object, ...]:
    fresh = Case.objects.values().get(pk=case.pk)
    return (*fresh.items(), *(table.objects.count() for table in TABLES))


@pytest.mark.parametrize(
    "deed", ["open", "assign", "check_onsite", "list_problems", "sign_pass", "close_out"]
)
def test_a_deed_is_done_whole_or_not_at_all(town, case, deed):
    def act() -> None:
        match deed:
            case "open":
                town.open(title="又一件")
            case "assign":
                town.do(case_, "duty", "assign", unit="east", person="east1")
            case "check_onsite":
                town.do(case_, "east1", deed, "check_record", officers="甲、乙", finding="有")
            case "list_problems":
                town.do(case_, "east1", deed, problems=["私设管道"], due_on=town.at.date())
            case "sign_pass":
                town.do(case_, "head", deed, opinion="同意")
            case "close_out":
                town.do(case_, "duty", deed, "measurement_back")

    case_ = case
    if deed in ("check_onsite", "list_problems"):
        town.signed(case)
    if deed == "list_problems":
        town.do(case, "east1", "check_onsite", "check_record", officers="甲、乙", finding="有")
    if deed == "sign_pass":
        town.submitted(case)
        town.do(case, "second", "recheck_pass", "recheck_record", opinion="属实")
    if deed == "close_out":
        town.to_close(case)
    before, began = _snapshot(case), town.at
    for n in count(1):
        town.at = began
        fault = _FailAt(n)
        try:
            with connection.execute_wrapper(fault), transaction.atomic():
                act()
        except DatabaseError:
            assert _snapshot(case) == before, f"query {n} of {deed} left something behind"
            continue
        if fault.left > 0:
            break
    assert n > 15
    assert _snapshot(case) != before
    assert audit.verify() is None
