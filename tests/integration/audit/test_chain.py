"""A removed, changed, inserted or cut line in the log shows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from qingyuan.web.audit import services
from qingyuan.web.audit.chain import GENESIS, digest_of, first_break
from qingyuan.web.audit.models import Entry
from qingyuan.web.audit.services import SYSTEM

AT = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)


def _rows(n: int) -> list[dict[str, object]]:
    rows, previous = [], GENESIS
    for seq in range(1, n + 1):
        row = {
            "seq": seq,
            "city_at": AT,
            "wall_at": AT,
            "actor_ref": "user:a",
            "actor_label": "甲",
            "deed": "cases.sign",
            "target": f"case:{seq}",
            "clause": "",
            "address": "",
            "detail": {},
        }
        row |= {"previous": previous, "digest": digest_of(row, previous=previous)}
        rows.append(row)
        previous = row["digest"]
    return rows


def test_a_whole_chain_holds():
    assert first_break(_rows(5)) is None


@pytest.mark.parametrize("field", ["actor_label", "deed", "target", "clause", "detail", "city_at"])
def test_a_changed_field_is_named(field):
    rows = _rows(5)
    rows[2][field] = (
        {"x": 1}
        if field == "detail"
        else datetime(2026, 1, 1, tzinfo=UTC)
        if field == "city_at"
        else "changed"
    )
    found = first_break(rows)
    assert (found.seq, found.reason) == (3, "changed")


def test_a_removed_line_is_named():
    rows = _rows(5)
    del rows[1]
    assert (first_break(rows).seq, first_break(rows).reason) == (2, "missing_before")


def test_swapped_lines_are_found():
    rows = _rows(5)
    rows[1], rows[2] = rows[2], rows[1]
    assert first_break(rows).seq == 2


def test_a_rewritten_tail_breaks_the_anchor():
    rows, other = _rows(5), _rows(5)
    anchors = {5: rows[-1]["digest"]}
    other[4]["deed"] = "cases.close_out"
    other[4]["digest"] = digest_of(other[4], previous=other[4]["previous"])
    assert first_break(other) is None
    assert first_break(other, anchors=anchors).seq == 5


def test_a_cut_tail_shows_only_against_the_outside_anchor():
    rows = _rows(5)
    assert first_break(rows[:3]) is None
    found = first_break(rows[:3], anchors={5: rows[-1]["digest"]})
    assert (found.seq, found.reason) == (5, "tail_missing")


@pytest.mark.django_db
def test_recorded_entries_verify_and_the_database_refuses_changes(tmp_path):
    with transaction.atomic():
        for n in range(3):
            services.record(
                actor=SYSTEM, deed="test.deed", target=f"thing:{n}", at=AT, detail={"中": n}
            )
    assert services.verify() is None
    path = tmp_path / "anchors.jsonl"
    services.anchor(path, at=AT)
    assert services.verify(services.read_anchors(path)) is None
    for statement in (
        "UPDATE audit_entry SET deed = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert Entry.objects.count() == 3


@pytest.mark.django_db
def test_a_deed_that_fails_leaves_no_entry():
    class Stop(Exception):
        pass

    def deed() -> None:
        with transaction.atomic():
            services.record(actor=SYSTEM, deed="test.deed", target="thing:1", at=AT)
            raise Stop

    with pytest.raises(Stop):
        deed()
    assert not Entry.objects.exists()
