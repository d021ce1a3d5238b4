"""Parts, links, findings, sources, undo, the calendar (协办、关联、属实与进度、撤回、日历)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def look_again(apps, schema_editor):
    """Have every running clock looked at once: its next card was not written down before."""
    clocks = apps.get_model("cases", "CaseClock").objects.filter(stopped_at=None)
    clocks.filter(due_at__isnull=False).update(card_at=models.F("started_at"))


def parts_so_far(apps, schema_editor):
    """Give the leads there are their state: who acted has signed."""
    parts = apps.get_model("cases", "CasePart").objects.all()
    deeds = apps.get_model("cases", "Deed").objects.filter(
        name="sign", round=models.OuterRef("round")
    )
    signed = deeds.filter(
        case=models.OuterRef("case"), at__gte=models.OuterRef("given_at")
    ).order_by("seq")
    parts.update(signed_at=models.Subquery(signed.values("at")[:1]))
    parts.filter(signed_at__isnull=False).update(state="signed")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_separation"),
        ("cases", "0001_cases"),
        ("registry", "0004_air_targets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.RemoveConstraint(model_name="assignment", name="assigned_to_one"),
        migrations.RemoveConstraint(model_name="assignment", name="assignment_released_who_when"),
        migrations.RenameModel("Assignment", "CasePart"),
        migrations.RenameField("casepart", "assigned_by", "given_by"),
        migrations.RenameField("casepart", "assigned_at", "given_at"),
        migrations.RenameField("casepart", "released_by", "ended_by"),
        migrations.RenameField("casepart", "released_at", "ended_at"),
        migrations.AddField(
            "casepart",
            "role",
            models.CharField(
                choices=[("lead", "主办"), ("co", "协办"), ("watch", "督办")],
                default="lead",
                max_length=8,
                verbose_name="分工",
            ),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="CalendarChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年份")),
                ("start", models.DateField(verbose_name="起")),
                ("end", models.DateField(verbose_name="止")),
                (
                    "kind",
                    models.CharField(
                        choices=[("holiday", "放假"), ("makeup", "调休上班")],
                        max_length=8,
                        verbose_name="类别",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                ("notice", models.CharField(max_length=200, verbose_name="依据")),
                ("entered_by", models.CharField(max_length=120, verbose_name="录入人")),
                ("entered_at", models.DateTimeField(verbose_name="录入时间")),
                (
                    "withdrawn_by",
                    models.CharField(blank=True, max_length=120, null=True, verbose_name="撤销人"),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="撤销时间"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CaseLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("parent", "上级案件"),
                            ("sweep", "举一反三"),
                            ("merged", "并案"),
                            ("split", "分案"),
                            ("same_source", "同源"),
                        ],
                        max_length=12,
                        verbose_name="关系",
                    ),
                ),
                ("by", models.CharField(max_length=120, verbose_name="办理人")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("reason", models.CharField(blank=True, max_length=400, verbose_name="理由")),
            ],
        ),
        migrations.CreateModel(
            name="CaseThing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=24, verbose_name="类别")),
                ("ref", models.CharField(max_length=120, verbose_name="标识")),
                ("label", models.CharField(max_length=160, verbose_name="名称")),
                ("at", models.DateTimeField(verbose_name="时间")),
            ],
        ),
        migrations.CreateModel(
            name="CaseType",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("type", models.CharField(max_length=16, verbose_name="污染类型")),
            ],
        ),
        migrations.CreateModel(
            name="ResultReturn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(verbose_name="轮次")),
                ("to", models.CharField(max_length=160, verbose_name="反馈给")),
                ("at", models.DateTimeField(verbose_name="反馈时间")),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="caseclock",
            name="clock_runs_once",
        ),
        migrations.AddField(
            model_name="case",
            name="acted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="首次处置"),
        ),
        migrations.AddField(
            model_name="case",
            name="form",
            field=models.JSONField(blank=True, default=dict, verbose_name="登记内容"),
        ),
        migrations.AddField(
            model_name="case",
            name="immediate",
            field=models.BooleanField(default=False, verbose_name="立行立改"),
        ),
        migrations.AddField(
            model_name="case",
            name="progress",
            field=models.CharField(
                blank=True,
                choices=[("done", "办结"), ("staged", "阶段性办结"), ("open", "未办结")],
                max_length=12,
                verbose_name="办理进度",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="signed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="签收时间"),
        ),
        migrations.AddField(
            model_name="case",
            name="source_no",
            field=models.CharField(blank=True, max_length=80, verbose_name="来源编号"),
        ),
        migrations.AddField(
            model_name="case",
            name="source_system",
            field=models.CharField(blank=True, max_length=40, verbose_name="来源系统"),
        ),
        migrations.AddField(
            model_name="case",
            name="truth",
            field=models.CharField(
                blank=True,
                choices=[
                    ("proven", "属实"),
                    ("mostly", "基本属实"),
                    ("partly", "部分属实"),
                    ("unproven", "不属实"),
                ],
                max_length=12,
                verbose_name="属实情况",
            ),
        ),
        migrations.AddField(
            model_name="caseclock",
            name="card_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="下一张牌"),
        ),
        migrations.AddField(
            model_name="caseclock",
            name="part",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="clocks",
                to="cases.casepart",
            ),
        ),
        migrations.AddField(
            model_name="casepart",
            name="report",
            field=models.CharField(blank=True, max_length=1000, verbose_name="反馈"),
        ),
        migrations.AddField(
            model_name="casepart",
            name="reported_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="反馈时间"),
        ),
        migrations.AddField(
            model_name="casepart",
            name="return_reason",
            field=models.CharField(blank=True, max_length=400, verbose_name="退回理由"),
        ),
        migrations.AddField(
            model_name="casepart",
            name="returned_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="退回时间"),
        ),
        migrations.AddField(
            model_name="casepart",
            name="signed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="签收时间"),
        ),
        migrations.AddField(
            model_name="casepart",
            name="state",
            field=models.CharField(
                choices=[
                    ("given", "待签收"),
                    ("signed", "办理中"),
                    ("reported", "已反馈"),
                    ("returned", "已退回"),
                ],
                default="given",
                max_length=12,
                verbose_name="状态",
            ),
        ),
        migrations.AddField(
            model_name="deed",
            name="before",
            field=models.JSONField(blank=True, null=True, verbose_name="办理前"),
        ),
        migrations.AddField(
            model_name="deed",
            name="undoes",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="undone_by",
                to="cases.deed",
            ),
        ),
        migrations.AlterField(
            model_name="cardsent",
            name="card",
            field=models.CharField(
                choices=[
                    ("yellow", "黄牌"),
                    ("red", "红牌"),
                    ("slip", "督办单"),
                    ("notice", "通报"),
                ],
                max_length=8,
                verbose_name="牌",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="matter",
            field=models.CharField(
                choices=[
                    ("water", "水环境"),
                    ("outfall", "入河排污口"),
                    ("air", "大气环境"),
                    ("source", "污染源"),
                    ("noise", "噪声"),
                    ("soil", "土壤"),
                    ("ecology", "生态破坏"),
                    ("solid_waste", "固体废物"),
                    ("petition", "信访投诉"),
                    ("inspection", "督察整改"),
                    ("plan", "任务分解"),
                    ("other", "其他"),
                ],
                max_length=24,
                verbose_name="事项",
            ),
        ),
        migrations.AlterField(
            model_name="casepart",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="cases.case"
            ),
        ),
        migrations.AlterField(
            model_name="casepart",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parts",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="casepart",
            name="reason",
            field=models.CharField(blank=True, max_length=400, verbose_name="交办意见"),
        ),
        migrations.AlterField(
            model_name="casepart",
            name="unit",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parts",
                to="accounts.unit",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["-opened_at", "-id"], name="case_opened"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["procedure", "ledger", "-opened_at", "-id"], name="case_kind_opened"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["unit", "ledger"], name="case_unit_ledger"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["closed_at"], name="case_closed"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["due_at", "id"],
                name="case_open_due",
            ),
        ),
        migrations.AddIndex(
            model_name="caseclock",
            index=models.Index(
                condition=models.Q(("card_at__isnull", False), ("stopped_at", None)),
                fields=["card_at"],
                name="clock_next_card",
            ),
        ),
        migrations.AddIndex(
            model_name="casepart",
            index=models.Index(fields=["unit", "ended_at"], name="part_of_unit"),
        ),
        migrations.AddIndex(
            model_name="casepart",
            index=models.Index(fields=["person", "ended_at"], name="part_of_person"),
        ),
        migrations.AddIndex(
            model_name="deed",
            index=models.Index(fields=["name", "at"], name="deed_by_name"),
        ),
        migrations.AddConstraint(
            model_name="cardsent",
            constraint=models.CheckConstraint(
                condition=models.Q(("card__in", ["yellow", "red", "slip", "notice"])),
                name="card_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("truth__in", ["", "proven", "mostly", "partly", "unproven"])),
                name="case_truth",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("progress__in", ["", "done", "staged", "open"])),
                name="case_progress",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source_no", ""), ("source_system", "")),
                    models.Q(
                        models.Q(("source_system", ""), _negated=True),
                        models.Q(("source_no", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="case_source_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_no", ""), _negated=True),
                fields=("source_system", "source_no"),
                name="case_source_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseclock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("part", None), ("stopped_at", None)),
                fields=("case", "name"),
                name="clock_runs_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseclock",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stopped_at", None)),
                fields=("part", "name"),
                name="clock_of_part_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="casepart",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None), ("role", "lead")),
                fields=("case",),
                name="part_one_lead",
            ),
        ),
        migrations.AddConstraint(
            model_name="casepart",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("case", "unit"),
                name="part_unit_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="casepart",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["lead", "co", "watch"])), name="part_role"
            ),
        ),
        migrations.AddConstraint(
            model_name="casepart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reported_at__isnull", False), ("state", "reported")),
                    models.Q(("reported_at__isnull", True), ("state__in", ["given", "signed"])),
                    models.Q(("returned_at__isnull", False), ("state", "returned")),
                    _connector="OR",
                ),
                name="part_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="casepart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_by__isnull", True), ("ended_at__isnull", True)),
                    models.Q(("ended_by__isnull", False), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="part_ended_who_when",
            ),
        ),
        migrations.AddIndex(
            model_name="calendarchange",
            index=models.Index(
                condition=models.Q(("withdrawn_at", None)),
                fields=["start"],
                name="calendar_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("end__gte", models.F("start"))), name="calendar_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["holiday", "makeup"])), name="calendar_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("notice", ""), _negated=True), name="calendar_has_notice"
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_by__isnull", True), ("withdrawn_at__isnull", True)),
                    models.Q(("withdrawn_by__isnull", False), ("withdrawn_at__isnull", False)),
                    _connector="OR",
                ),
                name="calendar_withdrawn_who_when",
            ),
        ),
        migrations.AddField(
            model_name="caselink",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="hangs_on",
                to="cases.case",
            ),
        ),
        migrations.AddField(
            model_name="caselink",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="carries", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="casething",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="things", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="casetype",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="types", to="cases.case"
            ),
        ),
        migrations.AddField(
            model_name="resultreturn",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="results", to="cases.case"
            ),
        ),
        migrations.AddIndex(
            model_name="caselink",
            index=models.Index(fields=["other", "kind"], name="link_below"),
        ),
        migrations.AddConstraint(
            model_name="caselink",
            constraint=models.UniqueConstraint(fields=("case", "other", "kind"), name="link_once"),
        ),
        migrations.AddConstraint(
            model_name="caselink",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["parent", "sweep", "split"])),
                fields=("case",),
                name="link_one_above",
            ),
        ),
        migrations.AddConstraint(
            model_name="caselink",
            constraint=models.CheckConstraint(
                condition=models.Q(("case", models.F("other")), _negated=True),
                name="link_two_cases",
            ),
        ),
        migrations.AddConstraint(
            model_name="caselink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["parent", "sweep", "merged", "split", "same_source"])
                ),
                name="link_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="casething",
            index=models.Index(fields=["kind", "ref"], name="thing_cases"),
        ),
        migrations.AddConstraint(
            model_name="casething",
            constraint=models.UniqueConstraint(fields=("case", "kind", "ref"), name="thing_once"),
        ),
        migrations.AddConstraint(
            model_name="casething",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", ""), _negated=True), models.Q(("ref", ""), _negated=True)
                ),
                name="thing_named",
            ),
        ),
        migrations.AddIndex(
            model_name="casetype",
            index=models.Index(fields=["type", "case"], name="case_by_type"),
        ),
        migrations.AddConstraint(
            model_name="casetype",
            constraint=models.UniqueConstraint(fields=("case", "type"), name="case_type_once"),
        ),
        migrations.AddConstraint(
            model_name="casetype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "type__in",
                        [
                            "water",
                            "air",
                            "noise",
                            "soil",
                            "ecology",
                            "marine",
                            "radiation",
                            "waste",
                            "other",
                        ],
                    )
                ),
                name="case_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="resultreturn",
            constraint=models.UniqueConstraint(fields=("case", "round"), name="result_once"),
        ),
        migrations.RunPython(look_again, migrations.RunPython.noop),
        migrations.RunPython(parts_so_far, migrations.RunPython.noop),
    ]
