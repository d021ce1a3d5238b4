"""Explain the slowest statements behind the ledger's filters and the statistics (QINGYUAN_DATA).

python bench/cases/plans.py        run by measure.py --plans
"""

from __future__ import annotations

from measure import LEDGER

from qingyuan.cli.attach import attached_city

WORST = 4
LINES = 14


def main() -> None:
    """Ask every question once as a person who sees the city; print the plans of the slowest."""
    with attached_city() as (_, at):
        from django.db import connection
        from django.http import QueryDict
        from django.test.utils import CaptureQueriesContext

        from qingyuan.core.periods import city_date
        from qingyuan.web.accounts.models import User
        from qingyuan.web.accounts.scope import scope_of
        from qingyuan.web.cases import selectors as cases
        from qingyuan.web.cases.models import Case
        from qingyuan.web.cases.selectors.screen import screen
        from qingyuan.web.statistics import selectors as statistics

        user = User.objects.filter(grants__role="department_head").first()
        scope = scope_of(user, on=city_date(at))
        asked: list[tuple[float, str, str]] = []
        questions = {q: _ledger(q, user, scope, at, screen, cases, QueryDict) for q in LEDGER}
        questions["statistics"] = lambda: statistics.whole(Case.objects.all(), at=at)
        for name, question in questions.items():
            with CaptureQueriesContext(connection) as seen:
                question()
            asked += [(float(q["time"]), name, q["sql"]) for q in seen.captured_queries]
        with connection.cursor() as cursor:
            for seconds, name, sql in sorted(asked, reverse=True)[:WORST]:
                print(f"{seconds * 1000:.0f} ms  {name or 'in hand'}")
                cursor.execute(
                    f"EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF) {sql.replace('%', '%%')}", []
                )
                for (line,) in cursor.fetchall()[:LINES]:
                    print(f"    {line[:160]}")


def _ledger(query, user, scope, at, screen, cases, read):
    from qingyuan.web.cases.selectors.ledger import cases_of, keys_of

    def ask() -> None:
        shown = screen(read(query), user=user, scope=scope, at=at)
        cases.sums(shown.found, at=at)
        cases_of(keys_of(shown.listed, 0, 50), scope)

    return ask


if __name__ == "__main__":
    main()
