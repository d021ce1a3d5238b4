from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from qingyuan.core.periods import city_date
from qingyuan.web.accounts.scope import scope_of
from qingyuan.web.audit.models import Entry
from qingyuan.web.notices.models import Notice
from qingyuan.web.signals import selectors, services
from qingyuan.web.signals.models import Signal

pytestmark = pytest.mark.django_db


def _raise(found, at, minutes=0, **more):
    return services.observe(finding=found(minutes, **more), at=at + timedelta(minutes=minutes))


def test_repeats_fold_into_one_row_with_a_count(city, found, at):
    first = _raise(found, at)
    again = _raise(found, at, 5, value_text="1.50", value=Decimal("1.50"))
    row = Signal.objects.get()
    assert (first.new, again.new, row.count, row.value_text) == (True, False, 2, "1.50")
    assert (row.first_at, row.last_at) == (at - timedelta(minutes=1), at + timedelta(minutes=5))
    assert row.district_code == "379901"
    assert Entry.objects.filter(deed="signals.raise").count() == 1


def test_a_late_reading_is_counted_but_does_not_speak_for_now(city, found, at):
    _raise(found, at, 10)
    _raise(found, at, 2, value_text="9.9", value=Decimal("9.9"))
    row = Signal.objects.get()
    assert (row.count, row.value_text, row.last_at) == (2, "1.34", at + timedelta(minutes=10))


def test_another_factor_or_rule_is_another_row(city, found, at):
    _raise(found, at)
    _raise(found, at, factor="w01018")
    _raise(found, at, kind="step", rule="water.step")
    assert Signal.objects.count() == 3


def test_after_clearing_it_begins_anew(city, found, at):
    _raise(found, at)
    assert (
        len(
            services.clear_matching(station="section:S1", kind="exceedance", factor="w21003", at=at)
        )
        == 1
    )
    assert _raise(found, at, 30).new
    assert Signal.objects.filter(cleared_at=None).count() == 1


def test_the_database_holds_one_open_row(city, found, at):
    row = _raise(found, at).signal
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_who_and_when_travel_together(city, found, at):
    row = _raise(found, at).signal
    with pytest.raises(IntegrityError), transaction.atomic():
        Signal.objects.filter(pk=row.pk).update(acknowledged_at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Signal.objects.filter(pk=row.pk).update(case_ref="case:JD1")


def test_the_four_states(city, found, person, at):
    row = _raise(found, at).signal
    duty = person("duty")
    states = [row.state]
    row = services.acknowledge(row, by=duty, at=at)
    states.append(row.state)
    states.append(services.clear(row, at=at).state)
    other = services.clear(_raise(found, at, 9, factor="w01018").signal, at=at)
    states.append(other.state)
    assert states == [
        "active_unacknowledged", "active_acknowledged", "cleared_acknowledged", "cleared_unacknowledged",
    ]  # fmt: skip
    counts = selectors.counts_by_state(selectors.signals(scope_of(duty, on=city_date(at))))
    assert counts["cleared_acknowledged"] == counts["cleared_unacknowledged"] == 1
    assert (counts["all"], counts["waiting"]) == (2, 1)


def test_acknowledging_twice_keeps_the_first(city, found, person, at):
    row = _raise(found, at).signal
    services.acknowledge(row, by=person("duty"), at=at)
    row = services.acknowledge(row, by=person("east1"), at=at + timedelta(minutes=1))
    assert (row.acknowledged_by.username, row.acknowledged_at) == ("duty", at)


def test_a_false_alarm_needs_a_reason_and_its_repeats_stay_quiet(
    city, found, person, at, raises_problem
):
    row = _raise(found, at).signal
    told = Notice.objects.count()
    with raises_problem("signals.reason_missing"):
        services.mark_false(row, reason="  ", by=person("duty"), at=at)
    services.mark_false(row, reason="采样泵维护", by=person("duty"), at=at)
    again = _raise(found, at, 5)
    assert not again.new
    assert again.signal.is_false
    assert Notice.objects.count() == told
    with raises_problem("signals.is_false"):
        services.link_case(row, case_ref="case:JD1", by=person("duty"), at=at)


def test_new_alarms_reach_duty_district_and_the_responsible_once_each(city, found, at):
    _raise(found, at)
    told = dict(Notice.objects.values_list("user__username", "title_zh"))
    assert told == {
        "duty": "望澜桥 氨氮超标：1.34 mg/L（超标 0.34 倍）",
        "east1": "望澜桥 氨氮超标：1.34 mg/L（超标 0.34 倍）",
    }
    _raise(found, at, 5)
    assert Notice.objects.count() == 2


def test_a_silenced_object_is_recorded_and_tells_nobody(city, found, person, at, raises_problem):
    row = _raise(found, at).signal
    duty = person("duty")
    for until in (at, at + timedelta(days=31)):
        with raises_problem("signals.silence_period"):
            services.silence(row, until=until, reason="检修", by=duty, at=at)
    window = services.silence(row, until=at + timedelta(hours=4), reason="检修", by=duty, at=at)
    services.clear(row, at=at)
    told = Notice.objects.count()
    assert _raise(found, at, 30).new
    assert Notice.objects.count() == told
    assert [r["name"] for r in selectors.silences(scope_of(duty, on=city_date(at)), at=at)] == [
        "望澜桥"
    ]
    services.end_silence(window, by=duty, at=at + timedelta(hours=1))
    assert not selectors.is_silenced(row, at=at + timedelta(hours=2))


def test_a_silence_ends_by_itself(city, found, person, at):
    row = _raise(found, at).signal
    services.silence(row, until=at + timedelta(hours=4), reason="检修", by=person("duty"), at=at)
    assert selectors.is_silenced(row, at=at + timedelta(hours=3, minutes=59))
    assert not selectors.is_silenced(row, at=at + timedelta(hours=4))


def test_a_signal_leads_to_one_case(city, found, person, at, raises_problem):
    row = _raise(found, at).signal
    row = services.link_case(row, case_ref="JD2026-0001", by=person("duty"), at=at)
    assert row.acknowledged
    with raises_problem("signals.has_case"):
        services.link_case(row, case_ref="JD2026-0002", by=person("duty"), at=at)
    with raises_problem("signals.has_case"):
        services.mark_false(row, reason="误", by=person("duty"), at=at)


def test_reports_by_hand_do_not_fold(city, person, at):
    for note in ("河水发黑", "有异味"):
        services.report(station="section:S1", note=note, level=3, by=person("east1"), at=at)
    assert (
        Signal.objects.filter(
            kind="manual", district_code="379901", acknowledged_by__username="east1"
        ).count()
        == 2
    )


@pytest.mark.parametrize(
    ("username", "seen"),
    [
        ("duty", {"S1", "S3", "O1"}),
        ("east1", {"S1", "O1"}),
        ("west1", {"S3"}),
        ("ent1", {"O1"}),
        ("admin1", set()),
    ],
)
def test_each_sees_the_alarms_of_their_part(city, found, person, at, username, seen):
    for station in ("section:S1", "section:S3", "outfall:O1"):
        _raise(found, at, station=station)
    scope = scope_of(person(username), on=city_date(at))
    assert {s.object_code for s in selectors.signals(scope)} == seen


def test_text_finds_by_name_pinyin_factor_and_case(city, found, person, at):
    row = _raise(found, at).signal
    _raise(found, at, station="section:S3", factor="w01018")
    services.link_case(row, case_ref="case:JD2026-0007", by=person("duty"), at=at)
    every = selectors.signals(scope_of(person("duty"), on=city_date(at)))
    for text in ("望澜", "wlq", "氨氮", "JD2026-0007"):
        assert [s.pk for s in selectors.narrowed(every, text=text)] == [row.pk], text
    assert not selectors.narrowed(every, text="没有这个").exists()


def test_the_mark_changes_with_every_change(city, found, person, at):
    every = selectors.signals(scope_of(person("duty"), on=city_date(at)))
    marks = [selectors.change_mark(every)]
    row = _raise(found, at).signal
    marks.append(selectors.change_mark(every))
    _raise(found, at, 5)
    marks.append(selectors.change_mark(every))
    services.acknowledge(row, by=person("duty"), at=at)
    marks.append(selectors.change_mark(every))
    assert len(set(marks)) == 4
    assert selectors.change_mark(every) == marks[-1]


def test_an_episode_that_went_on_after_all_is_opened_again(city, found, at):
    _raise(found, at, episode="e1", count=2)
    services.clear_matching(station="section:S1", kind="exceedance", episode="e1", at=at)
    _raise(found, at, episode="e1", count=2)  # a replay says nothing new
    assert Signal.objects.get().cleared_at is not None
    again = _raise(found, at, 10, episode="e1", count=5)
    row = Signal.objects.get()
    assert (again.new, row.cleared_at, row.cleared_by, row.count) == (False, None, None, 5)


def test_a_case_opened_from_a_signal_cites_it_and_is_cited(city, found, person, at, raises_problem):
    row = _raise(found, at).signal
    case = services.to_case(row, by=person("duty"), at=at)
    row.refresh_from_db()
    assert (case.origin_kind, case.origin_ref, case.section_code) == ("signal", row.ref, "S1")
    assert (row.case_ref, row.case_number) == (case.ref, case.number)
    assert (case.district_id, case.matter) == ("379901", "water")
    with raises_problem("signals.has_case"):
        services.to_case(row, by=person("duty"), at=at)


def test_an_outfalls_case_names_its_enterprise(city, found, person, at):
    row = _raise(found, at, station="outfall:O1").signal
    case = services.to_case(row, by=person("duty"), at=at)
    assert (case.enterprise_id, case.outfall_code, case.matter) == ("E1", "O1", "outfall")


def test_two_finders_at_once_end_up_on_one_row(city, found, at, monkeypatch):
    from qingyuan.web.signals.services import observing as module

    _raise(found, at)
    looks = iter([None])
    real = module._open
    monkeypatch.setattr(module, "_open", lambda finding: next(looks, real(finding)))
    assert not _raise(found, at, 1).new  # the second looked before the first had written
    assert Signal.objects.get().count == 2


def test_a_batch_takes_the_rows_it_may_touch_first(city, found, at):
    _raise(found, at, episode="e1")
    services.clear_matching(station="section:S1", kind="exceedance", at=at)
    _raise(found, at, station="section:S3")
    _raise(found, at, station="outfall:O1")
    assert services.lock_ahead({"section:S3"}, episodes={"e1", ""}) == 2


def test_the_gravest_comes_first(city, found, person, at):
    for factor, level in (("w21003", 4), ("w01018", 2), ("w21011", 3)):
        _raise(found, at, factor=factor, level=level)
    every = selectors.signals(scope_of(person("duty"), on=city_date(at)))
    assert [s.level for s in selectors.urgent_first(every)] == [2, 3, 4]


def test_a_title_speaks_one_language_whoever_is_looking(city, found, at):
    from django.utils.translation import override

    from qingyuan.web.registry.models import Section
    from qingyuan.web.signals.services.tell import title_of

    Section.objects.filter(code="S1").update(name_en="Wanglan Bridge")
    row = _raise(found, at).signal
    with override("en"):
        assert title_of(row, english=False) == "望澜桥 氨氮超标：1.34 mg/L（超标 0.34 倍）"
    assert (
        title_of(row, english=True)
        == "Wanglan Bridge: ammonia nitrogen over the limit, 1.34 mg/L (0.34×)"
    )
