"""One line per case as the definitions read it, in SQL (统计事实): what `CaseRow` is to the craft.

The pure functions of `casework.statistics` are the reference; a test holds both to the same figures
over small random towns.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import EmptyResultSet
from django.db.models import Min, QuerySet

from qingyuan import casework
from qingyuan.core.periods import city_date
from qingyuan.web.cases.models import Case, ClockPause
from qingyuan.web.cases.selectors.workdays import calendar
from qingyuan.web.statistics.selectors.repeats import repeated_cases

__all__ = ["Facts", "facts", "receipt_clocks", "strike_states", "without_list"]


@dataclass(frozen=True, slots=True)
class Facts:
    """The text of a ``WITH`` clause that ends in the table ``f``, and its values."""

    sql: str
    params: dict[str, object]


def strike_states(rules: casework.Procedure) -> set[str]:
    """Return the terminal states a strike-off (销号) leads to; ended otherwise is not struck off."""
    found = set()
    for deed in rules.deeds.values():
        if deed.strike_off:
            found |= {
                to
                for s in deed.states
                for to in rules.targets(deed, s)
                if rules.states[to].terminal
            }
    return found


def receipt_clocks(rules: casework.Procedure) -> set[str]:
    """Return the clocks that receipt stops: those of deeds that lead from 交办 into 办理."""
    found: set[str] = set()
    for deed in rules.deeds.values():
        for state in deed.states:
            to = rules.targets(deed, state)[-1]
            ledgers = rules.states[state].ledger, rules.states[to].ledger
            if ledgers == (casework.Ledger.ASSIGN, casework.Ledger.HANDLE):
                found |= set(deed.clocks.stop)
    return found


def without_list(rules: casework.Procedure) -> bool:
    """Whether the procedure keeps no list of problems: then the case itself is the listed matter."""
    return all(effect.name != "list_problems" for effect in rules.effects)


def _sums(first: date, last: date) -> list[int]:
    """Return the working days up to and including each day from *first*: two of them give a span."""
    days, total, sums = calendar(), 0, []
    for n in range((last - first).days + 1):
        total += days.is_workday(first + timedelta(days=n))
        sums.append(total)
    return sums


def _paused() -> tuple[list[int], list[int]]:
    """Return the closed cases that were paused and the working days each lost, as clocks count them."""
    spans: dict[int, list[tuple[date, date | None]]] = {}
    pauses = ClockPause.objects.filter(clock__case__closed_at__isnull=False)
    rows = pauses.values_list(
        "clock__case_id",
        "clock__case__opened_at",
        "clock__case__closed_at",
        "started_at",
        "ended_at",
    )
    lost: dict[int, set[date]] = {}
    days = calendar()
    for case, opened, closed, start, end in rows:
        spans.setdefault(case, [])
        first, last = city_date(opened), city_date(closed)
        day, stop = max(city_date(start), first + timedelta(days=1)), last + timedelta(days=1)
        stop = min(city_date(end), stop) if end else stop
        held = lost.setdefault(case, set())
        while day < stop:
            if days.is_workday(day):
                held.add(day)
            day += timedelta(days=1)
    return list(lost), [len(held) for held in lost.values()]


def _chosen(found: QuerySet[Case]) -> tuple[str, tuple[object, ...]]:
    """Return the query of the keys; a filter nothing can match is said as such."""
    try:
        sql, values = found.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint WHERE false", ()
    return sql, tuple(values)


def facts(found: QuerySet[Case], *, at: datetime, whole: bool = True) -> Facts:
    """Return the facts of *found* at a moment.

    *whole* works each line out once, for many figures; without it the database leaves out what the
    one question asked does not need.
    """
    chosen, values = _chosen(found)
    params: dict[str, object] = {f"q{n}": value for n, value in enumerate(values)}
    for n in range(len(values)):
        chosen = chosen.replace("%s", f"%(q{n})s", 1)
    oldest = Case.objects.aggregate(first=Min("opened_at"))["first"] or at
    first = city_date(min(oldest, at)) - timedelta(days=40)
    shipped = casework.shipped()
    paused, lost = _paused()
    params |= {
        "at": at,
        "base": first - timedelta(days=1),
        "w": _sums(first, city_date(at) + timedelta(days=800)),
        "struck": [f"{n}.{s}" for n, r in shipped.items() for s in sorted(strike_states(r))],
        "receipt": sorted({c for r in shipped.values() for c in receipt_clocks(r)}),
        "unlisted": [n for n, r in shipped.items() if without_list(r)],
        "paused": paused,
        "lost": lost,
        "again": sorted(repeated_cases(on=city_date(at))),
    }
    fence = "OFFSET 0" if whole else ""
    return Facts(_WITH.replace("__CHOSEN__", chosen).replace("__FENCE__", fence), params)


_WITH = """
WITH cal AS MATERIALIZED (SELECT %(w)s::int[] AS w), k AS (
  SELECT k.case_id, k.round,
         max(k.due_at) FILTER (WHERE k.part_id IS NULL) AS due_at,
         max(k.due_at) FILTER (WHERE k.part_id IS NULL AND k.name = ANY(%(receipt)s)) AS sign_by
  FROM cases_caseclock k GROUP BY k.case_id, k.round
), x AS (
  SELECT k.case_id, count(*) AS extensions
  FROM cases_clockextension e JOIN cases_caseclock k ON k.id = e.clock_id GROUP BY k.case_id
), p AS (
  SELECT case_id, count(*) AS returns FROM cases_casepart
  WHERE returned_at IS NOT NULL AND role = 'lead' GROUP BY case_id
), lost AS (
  SELECT * FROM unnest(%(paused)s::bigint[], %(lost)s::int[]) AS l(case_id, days)
), called AS (
  SELECT DISTINCT ON (petition_id) petition_id, reached, satisfaction, resolution
  FROM petitions_callback ORDER BY petition_id, at DESC, id DESC
), d AS (
  SELECT c.id, c.number, c.district_code AS district, c.unit_id AS unit, v.name AS procedure,
         c.opened_at, c.closed_at, c.assigned_at, c.signed_at, c.acted_at, c.truth, c.progress,
         c.immediate, c.round, c.phase,
         c.unit_id IS NOT NULL AND c.person_id IS NOT NULL AS named,
         CASE WHEN c.closed_at IS NULL THEN c.due_at ELSE k.due_at END AS due_at,
         k.sign_by, coalesce(x.extensions, 0) AS extensions, coalesce(p.returns, 0) AS returns,
         c.progress = 'done' OR (c.progress = '' AND c.closed_at IS NOT NULL) AS done,
         c.progress = 'staged' AS staged,
         c.closed_at IS NOT NULL AND v.name || '.' || c.state = ANY(%(struck)s) AS struck,
         v.name = ANY(%(unlisted)s)
           OR EXISTS (SELECT 1 FROM cases_problemitem i WHERE i.case_id = c.id) AS listed,
         EXISTS (SELECT 1 FROM cases_evidencelink e WHERE e.case_id = c.id) AS evidence,
         coalesce(lost.days, 0) AS lost,
         pt.id IS NOT NULL AS complaint, coalesce(pt.reports_count, 1) AS reports,
         pt.lon IS NOT NULL AND pt.lat IS NOT NULL AS placed,
         c.id = ANY(%(again)s::bigint[]) AS again,
         CASE WHEN b.reached IS NULL THEN '' WHEN b.reached THEN b.satisfaction
              ELSE 'unreachable' END AS satisfaction,
         CASE WHEN b.reached THEN b.resolution = 'solved' END AS solved,
         s.discover, s.handle, s.feedback, s.phase AS stay_phase, s.since,
         (c.opened_at AT TIME ZONE 'Asia/Shanghai')::date - %(base)s::date AS opened_n,
         (c.closed_at AT TIME ZONE 'Asia/Shanghai')::date - %(base)s::date AS closed_n,
         (c.assigned_at AT TIME ZONE 'Asia/Shanghai')::date - %(base)s::date AS assigned_n,
         (c.signed_at AT TIME ZONE 'Asia/Shanghai')::date - %(base)s::date AS signed_n,
         (c.acted_at AT TIME ZONE 'Asia/Shanghai')::date - %(base)s::date AS acted_n,
         (s.since AT TIME ZONE 'Asia/Shanghai')::date - %(base)s::date AS since_n,
         (least(coalesce(c.closed_at, %(at)s), %(at)s) AT TIME ZONE 'Asia/Shanghai')::date - %(base)s::date AS end_n
  FROM cases_case c
  JOIN cases_procedureversion v ON v.id = c.procedure_id
  LEFT JOIN k ON k.case_id = c.id AND k.round = c.round
  LEFT JOIN x ON x.case_id = c.id
  LEFT JOIN p ON p.case_id = c.id
  LEFT JOIN lost ON lost.case_id = c.id
  LEFT JOIN petitions_petition pt ON pt.case_id = c.id
  LEFT JOIN called b ON b.petition_id = pt.id
  LEFT JOIN statistics_casestay s ON s.case_id = c.id AND s.changed_at = c.changed_at
  WHERE c.id IN (__CHOSEN__) __FENCE__
), f AS (
  SELECT d.*,
         ((SELECT w FROM cal))[closed_n] - ((SELECT w FROM cal))[opened_n] - lost AS handling_days,
         __SIGNED__ AS receipt_hours,
         __ACTED__ AS first_action_hours,
         __DISCOVER__ AS dwell_discover,
         __HANDLE__ AS dwell_handle,
         __FEEDBACK__ AS dwell_feedback
  FROM d __FENCE__
)
"""


def _hours(start: str, end: str) -> str:
    """Return the hours between two instants that lie on working days, to four places."""
    w, first, last = "((SELECT w FROM cal))", f"{start}_n", f"{end}_n"
    midnight = "((%(base)s::date + {} )::timestamp AT TIME ZONE 'Asia/Shanghai')"
    span = "extract(epoch FROM ({}) - ({})) / 3600.0"
    whole = f"({w}[{first}] > {w}[{first} - 1])"
    ends = f"({w}[{last}] > {w}[{last} - 1])"
    a, b = f"{start}_at", f"{end}_at"
    return (
        f"round((CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL WHEN {b} <= {a} THEN 0 "
        f"WHEN {first} = {last} THEN CASE WHEN {whole} THEN {span.format(b, a)} ELSE 0 END "
        f"ELSE 24.0 * ({w}[{last} - 1] - {w}[{first}]) "
        f"+ CASE WHEN {whole} THEN {span.format(midnight.format(f'{first} + 1'), a)} ELSE 0 END "
        f"+ CASE WHEN {ends} THEN {span.format(b, midnight.format(last))} ELSE 0 END END)::numeric, 4)"
    )


def _dwell(phase: str) -> str:
    """Return the working days a case stood in a phase: stays that ended, and the one that lasts."""
    lasting = "greatest(((SELECT w FROM cal))[end_n] - ((SELECT w FROM cal))[since_n], 0)"
    return (
        f"CASE WHEN stay_phase = '{phase}' THEN coalesce({phase}, 0) + {lasting} ELSE {phase} END"
    )


_WITH = (
    _WITH.replace("__SIGNED__", _hours("assigned", "signed"))
    .replace("__ACTED__", _hours("assigned", "acted"))
    .replace("__DISCOVER__", _dwell("discover"))
    .replace("__HANDLE__", _dwell("handle"))
    .replace("__FEEDBACK__", _dwell("feedback"))
)
