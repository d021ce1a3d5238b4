"""How tables are kept is dated data, and every table of the store has its row."""

from datetime import date

from qingyuan.store.policies import policies, policy_of


def test_every_table_of_the_store_has_a_policy_of_its_own():
    named = {one.table for one in policies()}
    assert {"observations", "quarantine", "dialogues", "fixes", "*"} <= named


def test_a_table_nobody_speaks_of_is_never_removed():
    assert policy_of("something").keep_days == 0
    assert policy_of("something").oldest_day(date(2026, 11, 23)) is None


def test_fixes_are_kept_two_years_by_day():
    fixes = policy_of("fixes", on=date(2026, 11, 23))
    assert (fixes.partition, fixes.oldest_day(date(2026, 11, 23))) == ("day", date(2024, 11, 23))


def test_observations_are_kept_no_shorter_than_five_years():
    keep = policy_of("observations").keep_days
    assert keep == 0 or keep >= 5 * 365


def test_every_row_says_why_in_both_languages_and_that_it_is_a_choice():
    assert all(one.zh and one.en and one.basis == "choice" for one in policies())
