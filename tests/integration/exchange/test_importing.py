"""A file from its upload to the rows it makes, and every way it is stopped."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from python_calamine import CalamineWorkbook

from qingyuan.core.problems import Problem
from qingyuan.web.audit.models import Entry
from qingyuan.web.exchange import registered, services
from qingyuan.web.exchange.models import Import
from qingyuan.web.exchange.services import kept
from qingyuan.web.registry.models import Enterprise

NAME = "registry.enterprises"


@pytest.fixture
def importer(city):
    return registered.importer_named(NAME, {"department_head"})


@pytest.fixture
def bring(importer, person, at):
    def do(content, *, who="head", name="企业.xlsx"):
        return services.receive(
            importer=importer, content=content, name=name, by=person(who), at=at
        )

    return do


def _confirm(row, at, *, leave_wrong=False):
    return services.confirm(import_id=row.pk, leave_wrong=leave_wrong, by=row.by, at=at)


def test_nothing_is_written_before_it_is_confirmed(
    bring, firms, at, django_capture_on_commit_callbacks
):
    row = bring(firms({"code": "N1"}, {"code": "N2"}))
    assert (row.state, row.new, row.changed, row.wrong) == ("ready", 2, 0, 0)
    assert not Enterprise.objects.filter(code="N1").exists()
    with django_capture_on_commit_callbacks(execute=True):
        _confirm(row, at)
    made = Enterprise.objects.get(code="N1")
    assert (made.name_zh, made.lon, made.sort_key[:3]) == ("新厂", 120.4, "xin")
    assert not kept.place(row.pk).exists()  # the file goes, the record stays
    deeds = list(Entry.objects.order_by("seq").values_list("deed", flat=True))[-3:]
    assert deeds == ["exchange.receive", "registry.import_enterprises", "exchange.confirm"]


def test_the_same_file_again_changes_nothing(bring, firms, at):
    content = firms({"code": "N1"}, {"code": "N2"})
    _confirm(bring(content), at)
    before = list(Enterprise.objects.order_by("code").values())
    again = bring(content)
    assert (again.state, again.same, again.new) == ("same", 2, 0)
    assert _confirm(again, at).state == "same"
    assert list(Enterprise.objects.order_by("code").values()) == before


def test_a_change_is_shown_from_and_to_and_a_blank_leaves_what_is_kept(bring, firms, at):
    Enterprise.objects.filter(code="E1").update(address="望澜路 1 号")
    held = Enterprise.objects.get(code="E1")
    row = bring(firms({"code": "E1", "credit_code": held.credit_code, "name": "清河印染厂"}))
    assert row.changed == 1
    fields = {f["zh"]: (f["was"], f["is"]) for f in row.report["changed"][0]["fields"]}
    assert fields == {"名称": ("清河印染有限公司", "清河印染厂")}
    _confirm(row, at)
    after = Enterprise.objects.get(code="E1")
    assert (after.name_zh, after.address) == ("清河印染厂", "望澜路 1 号")


def test_wrong_rows_come_back_as_the_same_workbook_with_the_reason(
    bring, firms, at, raises_problem
):
    row = bring(
        firms({"code": "N1"}, {"code": "N2", "credit_code": "913702000000000000"}, {"code": "N1"})
    )
    assert (row.new, row.wrong) == (1, 2)
    cells = {fault.cell: fault.zh for fault in row.faults.all()}
    assert "GB 32100-2015" in cells["D3"]
    assert "第 2 行已出现过" in cells["A4"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(kept.get(row.pk, "errors.xlsx")))
    lines = book.get_sheet_by_index(0).to_python()
    assert lines[0][-1] == "错误原因"
    assert lines[1][0] == "N1"
    assert lines[1][-1] == ""
    assert "GB 32100-2015" in lines[2][-1]
    with raises_problem("exchange.wrong_left"):
        _confirm(row, at)
    assert not Enterprise.objects.filter(code="N1").exists()
    _confirm(row, at, leave_wrong=True)
    assert Enterprise.objects.filter(code="N1").exists()
    assert not Enterprise.objects.filter(code="N2").exists()


def test_the_corrected_error_workbook_imports_and_the_rest_is_the_same(bring, firms, at):
    row = bring(firms({"code": "N1"}, {"code": "N2", "trade": "111"}))
    _confirm(row, at, leave_wrong=True)
    again = bring(firms({"code": "N1"}, {"code": "N2"}))
    assert (again.same, again.new, again.wrong) == (1, 1, 0)


def test_what_changed_between_preview_and_confirmation_is_refused_and_named(
    bring, firms, at, raises_problem
):
    held = Enterprise.objects.get(code="E1")
    row = bring(firms({"code": "N1"}, {"code": "E1", "credit_code": held.credit_code}))
    Enterprise.objects.filter(code="E1").update(name_zh="他人刚改")
    with raises_problem("exchange.changed_meanwhile"):
        _confirm(row, at)
    assert not Enterprise.objects.filter(code="N1").exists()
    row.refresh_from_db()
    assert row.state == "ready"
    assert [line["row"] for line in row.report["moved"]] == [3]
    _confirm(row, at)  # the renewed preview may be confirmed
    assert Enterprise.objects.get(code="E1").name_zh == "新厂"


def test_two_people_with_the_same_rows_the_second_is_told(bring, firms, at, raises_problem):
    first, second = bring(firms({"code": "N1"})), bring(firms({"code": "N1", "name": "别名"}))
    _confirm(first, at)
    with raises_problem("exchange.changed_meanwhile"):
        _confirm(second, at)
    assert Enterprise.objects.get(code="N1").name_zh == "新厂"
    second.refresh_from_db()
    assert (second.new, second.changed) == (0, 1)


def test_a_second_click_does_nothing(bring, firms, at):
    row = bring(firms({"code": "N1"}))
    _confirm(row, at)
    entries = Entry.objects.count()
    assert _confirm(row, at).state == "done"
    assert Entry.objects.count() == entries


def test_a_district_officer_brings_only_the_own_district(bring, firms, at):
    mine, theirs = {"code": "N1"}, {"code": "N2", "district": "379902"}
    held = Enterprise.objects.get(code="E2")
    taken = {"code": "E2", "credit_code": held.credit_code}
    row = bring(firms(mine, theirs, taken), who="east1")
    assert (row.new, row.wrong) == (1, 2)
    assert {f.cell for f in row.faults.all()} == {"G3", "A4"}


def test_who_lost_the_role_cannot_confirm(bring, firms, person, at, raises_problem):
    row = bring(firms({"code": "N1"}))
    person("head").grants.all().delete()
    with raises_problem("exchange.not_allowed"):
        _confirm(Import.objects.get(pk=row.pk), at)
    assert not Enterprise.objects.filter(code="N1").exists()


def test_a_file_that_is_no_table_is_refused_whole(bring):
    row = bring(b"a,b\n1,2\n", name="x.csv")
    assert row.state == "refused"
    assert row.report["problem"]["code"] == "exchange.no_heading"
    assert row.settled_at


class _Stop(Exception):
    pass


def test_failing_at_any_step_leaves_everything_or_nothing(bring, firms, at, monkeypatch):
    """Let the n-th writing statement fail: the rows are all there or none is, and so is the record."""
    content = firms(*({"code": f"N{n}"} for n in range(3)))
    seen = 0
    for stop_at in range(1, 40):
        row = bring(content)
        count = 0

        def wrapper(execute, sql, params, many, context, stop_at=stop_at):
            nonlocal count
            if (
                sql.lstrip()
                .upper()
                .startswith(("INSERT", "UPDATE", "DELETE", "LOCK", "SELECT PG_ADV"))
            ):
                count += 1
                if count == stop_at:
                    raise _Stop
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(wrapper):
                _confirm(row, at)
        except _Stop:
            seen += 1
            assert not Enterprise.objects.filter(code__startswith="N").exists()
            row.refresh_from_db()
            assert (row.state, row.settled_at) == ("ready", None)
            assert kept.get(row.pk, "original") == content
            assert not Entry.objects.filter(deed="exchange.confirm").exists()
        else:
            break
    assert seen >= 6
    assert Enterprise.objects.filter(code__startswith="N").count() == 3


def test_a_family_that_fails_leaves_nothing(importer, person, firms, at, monkeypatch):
    def write(plan, /, *, by, at):
        Enterprise.objects.filter(code="E1").update(name_zh="写了一半")
        raise Problem("registry.code_taken", value="x")

    monkeypatch.setitem(registered._importers, NAME, replace(importer, write=write))
    row = services.receive(
        importer=importer, content=firms({"code": "N1"}), name="a.xlsx", by=person("head"), at=at
    )
    with pytest.raises(Problem):
        _confirm(row, at)
    assert Enterprise.objects.get(code="E1").name_zh == "清河印染有限公司"


def test_a_long_file_is_checked_and_written_in_the_background(
    bring, firms, person, at, monkeypatch
):
    monkeypatch.setattr("qingyuan.web.exchange.services.importing.BACKGROUND_ROWS", 2)
    row = bring(firms(*({"code": f"N{n}"} for n in range(5))))
    assert (row.state, row.checked) == ("waiting", 0)
    assert _jobs() == ["exchange.check"]
    services.check(import_id=row.pk, at=at)
    row.refresh_from_db()
    assert (row.state, row.new) == ("ready", 5)
    assert person("head").notices.filter(kind="exchange.import").count() == 1
    services.request_confirm(row=row, leave_wrong=False, by=row.by, at=at)
    assert _jobs() == ["exchange.check", "exchange.write"]
    services.write_confirmed(import_id=row.pk, leave_wrong=False, at=at)
    assert Enterprise.objects.filter(code__startswith="N").count() == 5
    assert Import.objects.get(pk=row.pk).state == "done"


def test_a_background_write_that_is_refused_stands_again_as_a_preview(
    bring, firms, person, at, monkeypatch
):
    monkeypatch.setattr("qingyuan.web.exchange.services.importing.BACKGROUND_ROWS", 1)
    row = bring(firms({"code": "N1"}, {"code": "N2"}))
    services.check(import_id=row.pk, at=at)
    row.refresh_from_db()
    services.request_confirm(row=row, leave_wrong=False, by=row.by, at=at)
    Enterprise.objects.filter(code="E1").update(credit_code=_credit_of("N1", row))
    services.write_confirmed(import_id=row.pk, leave_wrong=False, at=at)
    row.refresh_from_db()
    assert row.state == "ready"
    assert row.report["problem"]["code"] == "exchange.changed_meanwhile"
    assert not Enterprise.objects.filter(code="N1").exists()


def _credit_of(code, row):
    lines = (
        CalamineWorkbook.from_filelike(io.BytesIO(kept.get(row.pk, "original")))
        .get_sheet_by_index(1)
        .to_python()
    )
    return next(line[3] for line in lines if line[0] == code)


def _jobs():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name FROM procrastinate_jobs WHERE task_name LIKE 'exchange.%%' ORDER BY id"
        )
        return [name for (name,) in cursor.fetchall()]


def test_a_preview_nobody_confirms_expires_and_its_file_goes(
    bring, firms, at, django_capture_on_commit_callbacks
):
    row = bring(firms({"code": "N1"}, {"code": "N2", "trade": "1"}))
    assert services.sweep(at=at + timedelta(days=6)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert services.sweep(at=at + timedelta(days=8)) == 1
    row.refresh_from_db()
    assert (row.state, row.faults.count()) == ("expired", 0)
    assert not kept.place(row.pk).exists()


def test_personal_data_leaves_with_the_file(
    importer, person, firms, at, monkeypatch, django_capture_on_commit_callbacks
):
    private = replace(importer, personal=True)
    monkeypatch.setitem(registered._importers, NAME, private)
    content = firms({"code": "N1", "name": "探针姓名"}, {"code": "N2", "trade": "探针行业"})
    row = services.receive(
        importer=private, content=content, name="a.xlsx", by=person("head"), at=at
    )
    assert not row.faults.filter(value__contains="探针").exists()
    with django_capture_on_commit_callbacks(execute=True):
        _confirm(row, at, leave_wrong=True)
    row = Import.objects.get(pk=row.pk)
    assert "探针" not in str(row.report)
    assert not row.faults.exists()
    assert not kept.place(row.pk).exists()


def test_the_pages_lead_from_upload_to_result(enter, firms, city):
    client = enter("head")
    assert NAME in client.get(reverse("exchange")).content.decode()
    page = client.get(reverse("exchange-importer", args=[NAME]))
    assert "统一社会信用代码" in page.content.decode()
    assert client.post(reverse("exchange-importer", args=[NAME]), {}).status_code == 422
    file = io.BytesIO(firms({"code": "N1"}, {"code": "N2", "trade": "1"}))
    file.name = "企业.xlsx"
    answer = client.post(reverse("exchange-importer", args=[NAME]), {"file": file})
    assert answer.status_code == 302
    text = client.get(answer["Location"]).content.decode()
    assert "确认导入" in text
    assert "E3" in text
    row = Import.objects.get()
    assert client.get(reverse("exchange-import-errors", args=[row.pk])).status_code == 200
    refused = client.post(reverse("exchange-import-confirm", args=[row.pk]))
    assert refused.status_code == 422
    assert "还有 1 行有错误" in refused.content.decode()
    client.post(reverse("exchange-import-confirm", args=[row.pk]), {"leave_wrong": "1"})
    assert "已于" in client.get(answer["Location"]).content.decode()
    assert "企业.xlsx" in client.get(reverse("exchange-history")).content.decode()


def test_anothers_import_may_be_looked_at_by_the_coordinator_and_done_by_nobody(
    enter, firms, person, importer, at
):
    row = services.receive(
        importer=importer, content=firms({"code": "N1"}), name="a.xlsx", by=person("east1"), at=at
    )
    names = ("exchange-import", "exchange-import-live", "exchange-import-errors")
    assert enter("head").get(reverse("exchange-import", args=[row.pk])).status_code == 200
    assert enter("head").post(reverse("exchange-import-confirm", args=[row.pk])).status_code == 404
    for name in names:
        assert enter("west1").get(reverse(name, args=[row.pk])).status_code == 404
    for name in ("confirm", "withdraw", "again"):
        assert (
            enter("west1").post(reverse(f"exchange-import-{name}", args=[row.pk])).status_code
            == 404
        )
    assert enter("ent1").get(reverse("exchange")).status_code == 404
    assert enter("duty").get(reverse("exchange-importer", args=[NAME])).status_code == 404


def test_an_import_can_be_checked_again_and_given_up(enter, firms, bring):
    row = bring(firms({"code": "N1"}))
    client = enter("head")
    assert client.post(reverse("exchange-import-again", args=[row.pk])).status_code == 302
    assert (
        client.get(
            reverse("exchange-import-live", args=[row.pk]), {"since": f"ready-{row.checked}"}
        ).status_code
        == 204
    )
    assert client.post(reverse("exchange-import-withdraw", args=[row.pk])).status_code == 302
    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert client.post(reverse("exchange-import-confirm", args=[row.pk])).status_code == 422
