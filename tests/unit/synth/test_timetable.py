from datetime import UTC, datetime, timedelta

from qingyuan.synth.timetable import due

MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 9, 22, 4, 0, tzinfo=UTC)


def test_one_reading_a_minute_is_owed_once():
    found = due(after=NOON, now=NOON + timedelta(seconds=65), interval=MINUTE)
    assert found.live == NOON + MINUTE
    assert found.missed == ()
    assert (
        due(
            after=NOON + timedelta(seconds=65), now=NOON + timedelta(seconds=70), interval=MINUTE
        ).live
        is None
    )


def test_a_short_gap_is_filled_at_the_stations_own_interval():
    found = due(after=NOON, now=NOON + 5 * MINUTE, interval=MINUTE)
    assert found.missed == tuple(NOON + k * MINUTE for k in (1, 2, 3, 4))
    assert found.live == NOON + 5 * MINUTE


def test_an_hour_ahead_is_filled_every_ten_minutes_and_owes_the_hour():
    found = due(after=NOON, now=NOON + timedelta(hours=1), interval=MINUTE)
    assert found.missed == tuple(NOON + k * 10 * MINUTE for k in range(1, 6))
    assert found.hours == (NOON,)


def test_an_hour_is_owed_when_it_has_ended_and_only_once():
    assert due(after=NOON, now=NOON + 59 * MINUTE, interval=MINUTE).hours == ()
    assert due(after=NOON + 59 * MINUTE, now=NOON + 60 * MINUTE, interval=MINUTE).hours == (NOON,)
    assert due(after=NOON + 60 * MINUTE, now=NOON + 61 * MINUTE, interval=MINUTE).hours == ()


def test_a_logger_keeps_seven_days():
    found = due(after=NOON, now=NOON + timedelta(days=30), interval=MINUTE)
    assert found.missed[0] >= NOON + timedelta(days=23)
    assert len(found.hours) == 24 * 7
