from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qingyuan.web.signals.models import Signal
from qingyuan.web.signals.services import Finding

AT = datetime(2026, 9, 22, tzinfo=UTC)


def test_a_finding_names_its_object_by_kind_and_code():
    found = Finding(
        kind="step", rule="r", station="section:S:1", first_at=AT, last_at=AT, finder="monitoring"
    )
    assert (found.object_kind, found.object_code) == ("section", "S:1")


@pytest.mark.parametrize(
    ("cleared", "acknowledged", "state"),
    [
        (None, None, "active_unacknowledged"),
        (None, AT, "active_acknowledged"),
        (AT, None, "cleared_unacknowledged"),
        (AT, AT, "cleared_acknowledged"),
    ],
)
def test_active_and_acknowledged_are_independent(cleared, acknowledged, state):
    assert Signal(cleared_at=cleared, acknowledged_at=acknowledged).state == state


def test_the_number_of_a_case_is_read_from_its_reference():
    assert Signal(case_ref="case:JD2026-0001").case_number == "JD2026-0001"
    assert Signal(case_ref="").case_number == ""
