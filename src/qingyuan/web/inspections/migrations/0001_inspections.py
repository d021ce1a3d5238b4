"""Rounds, batches, items and their rounds of handling, findings, look-backs, what a round sets up."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_separation"),
        ("cases", "0001_cases"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="批次")),
                ("day", models.DateField(verbose_name="交办日期")),
                (
                    "items_stated",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="通报件数"),
                ),
                ("calls", models.PositiveIntegerField(blank=True, null=True, verbose_name="来电")),
                (
                    "letters",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="来信"),
                ),
                (
                    "focus",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="重点关注"),
                ),
                (
                    "cumulative",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="累计"),
                ),
                (
                    "cumulative_focus",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="累计重点关注"),
                ),
                (
                    "problems",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="问题数"),
                ),
                ("by_unit", models.JSONField(blank=True, default=dict, verbose_name="按责任单位")),
                ("joint", models.JSONField(blank=True, default=list, verbose_name="分别办理")),
                ("by_type", models.JSONField(blank=True, default=dict, verbose_name="按污染类型")),
                ("unread", models.JSONField(blank=True, default=list, verbose_name="未识别")),
                ("text", models.TextField(blank=True, verbose_name="通报原文")),
                ("stated_by", models.CharField(blank=True, max_length=120)),
                ("stated_at", models.DateTimeField(blank=True, null=True)),
                ("registered_by", models.CharField(max_length=120, verbose_name="登记人")),
                ("registered_at", models.DateTimeField(verbose_name="登记时间")),
            ],
        ),
        migrations.CreateModel(
            name="LookBack",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ordinal", models.PositiveSmallIntegerField(verbose_name="次数")),
                ("size", models.PositiveIntegerField(verbose_name="抽取件数")),
                ("seed", models.CharField(max_length=64, verbose_name="种子")),
                ("algorithm", models.CharField(max_length=40, verbose_name="算法版本")),
                ("pool", models.JSONField(verbose_name="抽取范围")),
                (
                    "pool_sha256",
                    models.CharField(max_length=64, verbose_name="范围摘要（SHA-256）"),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="事由")),
                ("drawn_by", models.CharField(max_length=120, verbose_name="抽取人")),
                ("drawn_at", models.DateTimeField(verbose_name="抽取时间")),
            ],
        ),
        migrations.CreateModel(
            name="Material",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="调阅单号")),
                ("title", models.CharField(max_length=200, verbose_name="资料名称")),
                ("requester", models.CharField(max_length=80, verbose_name="提出人")),
                ("asked_on", models.DateField(verbose_name="提出日期")),
                ("due_at", models.DateTimeField(verbose_name="报送期限")),
                ("holder", models.CharField(max_length=120, verbose_name="承办单位")),
            ],
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, verbose_name="受理编号")),
                ("row", models.PositiveIntegerField(verbose_name="序号")),
                (
                    "channel",
                    models.CharField(
                        choices=[("call", "来电"), ("letter", "来信"), ("other", "其他")],
                        max_length=8,
                        verbose_name="来源",
                    ),
                ),
                ("received_on", models.DateField(blank=True, null=True, verbose_name="受理日期")),
                (
                    "serial",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="当日序号"),
                ),
                ("focus", models.BooleanField(default=False, verbose_name="重点关注")),
                (
                    "units",
                    models.JSONField(blank=True, default=list, verbose_name="清单所列责任单位"),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="inspections.batch",
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inspection_item",
                        to="cases.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ItemRound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(verbose_name="轮次")),
                ("finding", models.TextField(blank=True, verbose_name="调查核实情况")),
                ("measures", models.TextField(blank=True, verbose_name="处理和整改情况")),
                ("blame", models.TextField(blank=True, verbose_name="责任人被处理情况")),
                ("rectify_by", models.DateField(blank=True, null=True, verbose_name="整改时限")),
                ("ordered", models.PositiveIntegerField(default=0, verbose_name="责令整改（家）")),
                ("fined", models.PositiveIntegerField(default=0, verbose_name="立案处罚（家）")),
                (
                    "fines_10k",
                    models.DecimalField(
                        decimal_places=4, default=0, max_digits=12, verbose_name="罚款金额（万元）"
                    ),
                ),
                ("criminal", models.PositiveIntegerField(default=0, verbose_name="立案侦查（件）")),
                ("detained", models.PositiveIntegerField(default=0, verbose_name="行政拘留（人）")),
                ("arrested", models.PositiveIntegerField(default=0, verbose_name="刑事拘留（人）")),
                ("talked", models.PositiveIntegerField(default=0, verbose_name="约谈（人）")),
                ("blamed", models.PositiveIntegerField(default=0, verbose_name="问责（人）")),
                (
                    "fed_back_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="反馈督察组"),
                ),
                ("accepted_by", models.CharField(blank=True, max_length=120)),
                (
                    "accepted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="验收时间"),
                ),
                ("notice_from", models.DateField(blank=True, null=True, verbose_name="公示起")),
                ("notice_to", models.DateField(blank=True, null=True, verbose_name="公示止")),
                (
                    "notice_where",
                    models.CharField(blank=True, max_length=200, verbose_name="公示载体"),
                ),
                (
                    "public_problem",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="公开：问题基本情况"
                    ),
                ),
                (
                    "public_finding",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="公开：调查核实情况"
                    ),
                ),
                (
                    "public_measures",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="公开：处理和整改情况"
                    ),
                ),
                (
                    "public_blame",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="公开：责任人被处理情况"
                    ),
                ),
                ("confirmed_by", models.CharField(blank=True, max_length=120)),
                (
                    "confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="脱敏确认"),
                ),
                (
                    "accepting_unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.unit",
                        verbose_name="验收单位",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds",
                        to="inspections.item",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LookBackCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField(verbose_name="抽取次序")),
                ("case_round", models.PositiveSmallIntegerField(verbose_name="所查轮次")),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[("steady", "整改到位"), ("rebound", "反弹")],
                        max_length=8,
                        verbose_name="复查结果",
                    ),
                ),
                ("finding", models.TextField(blank=True, max_length=1000, verbose_name="复查情况")),
                ("checked_by", models.CharField(blank=True, max_length=120, verbose_name="复查人")),
                (
                    "checked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="复查时间"),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="look_backs",
                        to="inspections.item",
                    ),
                ),
                (
                    "look_back",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="inspections.lookback",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MaterialVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(verbose_name="版本")),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("digest", models.CharField(max_length=64, verbose_name="摘要（SHA-256）")),
                ("pages", models.PositiveIntegerField(blank=True, null=True, verbose_name="页数")),
                ("received_by", models.CharField(max_length=80, verbose_name="签收人")),
                ("sent_by", models.CharField(max_length=120)),
                ("sent_at", models.DateTimeField(verbose_name="报送时间")),
                (
                    "material",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="inspections.material",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=24, unique=True, verbose_name="代号")),
                (
                    "level",
                    models.CharField(
                        choices=[("central", "中央"), ("provincial", "省级")],
                        max_length=12,
                        verbose_name="层级",
                    ),
                ),
                ("ordinal", models.PositiveSmallIntegerField(verbose_name="轮次")),
                (
                    "stationing",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="进驻批次"
                    ),
                ),
                ("group", models.CharField(max_length=80, verbose_name="督察组")),
                ("from_on", models.DateField(verbose_name="进驻起")),
                ("to_on", models.DateField(blank=True, null=True, verbose_name="进驻止")),
                ("hotline", models.CharField(blank=True, max_length=40, verbose_name="举报电话")),
                (
                    "hours",
                    models.CharField(
                        blank=True, default="08:00–20:00", max_length=40, verbose_name="受理时间"
                    ),
                ),
                ("mailbox", models.CharField(blank=True, max_length=120, verbose_name="邮政信箱")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("level", "ordinal", "stationing"),
                        name="inspection_round_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("to_on", None), ("to_on__gte", models.F("from_on")), _connector="OR"
                        ),
                        name="inspection_round_period",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Publicity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "medium",
                    models.CharField(
                        choices=[
                            ("tv", "电视台"),
                            ("paper", "报纸"),
                            ("site", "网站"),
                            ("other", "其他"),
                        ],
                        max_length=8,
                        verbose_name="媒体类别",
                    ),
                ),
                ("outlet", models.CharField(max_length=80, verbose_name="媒体名称")),
                ("on", models.DateField(verbose_name="刊播日期")),
                ("link", models.URLField(blank=True, max_length=300, verbose_name="网址")),
                ("by", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="publicity",
                        to="inspections.batch",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="publicity",
                        to="inspections.round",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="material",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="materials",
                to="inspections.round",
            ),
        ),
        migrations.AddField(
            model_name="lookback",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="look_backs",
                to="inspections.round",
            ),
        ),
        migrations.CreateModel(
            name="HandOver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="交接时间")),
                ("text", models.TextField(max_length=1000, verbose_name="交接事项")),
                ("open_items", models.PositiveIntegerField(verbose_name="未办结件数")),
                (
                    "giver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="交班人",
                    ),
                ),
                (
                    "taker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="接班人",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hand_overs",
                        to="inspections.round",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="序号")),
                ("problem", models.TextField(max_length=2000, verbose_name="反馈问题")),
                ("goal", models.TextField(blank=True, max_length=1000, verbose_name="整改目标")),
                (
                    "measures",
                    models.TextField(blank=True, max_length=4000, verbose_name="整改措施"),
                ),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="整改时限")),
                (
                    "accepted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="验收时间"),
                ),
                ("notice_from", models.DateField(blank=True, null=True, verbose_name="公示起")),
                ("notice_to", models.DateField(blank=True, null=True, verbose_name="公示止")),
                (
                    "acceptor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.unit",
                        verbose_name="验收单位",
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inspection_finding",
                        to="cases.case",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="inspections.round",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DutyShift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_at", models.DateTimeField(verbose_name="自")),
                ("to_at", models.DateTimeField(verbose_name="至")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="值班电话")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="值班人",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shifts",
                        to="inspections.round",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="batch",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batches",
                to="inspections.round",
            ),
        ),
        migrations.CreateModel(
            name="RoundPaper",
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
                            ("plan", "方案与通知"),
                            ("requirement", "工作要求"),
                            ("meeting", "会议"),
                        ],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                ("on", models.DateField(verbose_name="日期")),
                ("title", models.CharField(max_length=200, verbose_name="名称")),
                ("document_no", models.CharField(blank=True, max_length=80, verbose_name="文号")),
                ("text", models.TextField(blank=True, max_length=4000, verbose_name="内容")),
                ("by", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="inspections.round",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RuleMade",
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
                        choices=[("new", "新订"), ("revised", "修订")],
                        max_length=8,
                        verbose_name="类别",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="制度名称")),
                ("document_no", models.CharField(blank=True, max_length=80, verbose_name="文号")),
                ("issuer", models.CharField(max_length=120, verbose_name="印发单位")),
                ("on", models.DateField(verbose_name="印发日期")),
                ("by", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules_made",
                        to="inspections.item",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WorkingGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="工作组")),
                (
                    "charter",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="职责、流程、标准和要求"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="groups",
                        to="inspections.round",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GroupMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64, verbose_name="姓名")),
                ("organisation", models.CharField(max_length=120, verbose_name="原单位")),
                ("duty", models.CharField(blank=True, max_length=80, verbose_name="职责")),
                ("from_on", models.DateField(verbose_name="自")),
                ("to_on", models.DateField(blank=True, null=True, verbose_name="至")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="账号",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="inspections.workinggroup",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FindingMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(verbose_name="轮次")),
                ("month", models.DateField(verbose_name="月份")),
                (
                    "progress",
                    models.CharField(
                        choices=[("on_time", "达到序时进度"), ("behind", "未达序时进度")],
                        max_length=8,
                        verbose_name="进展",
                    ),
                ),
                ("text", models.TextField(verbose_name="进展情况")),
                ("by", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "finding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="months",
                        to="inspections.finding",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("finding", "round", "month"), name="inspection_month_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="inspection_month_first_day"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(fields=("number",), name="inspection_item_once"),
        ),
        migrations.AddConstraint(
            model_name="item",
            constraint=models.UniqueConstraint(fields=("batch", "row"), name="inspection_item_row"),
        ),
        migrations.AddConstraint(
            model_name="itemround",
            constraint=models.UniqueConstraint(
                fields=("item", "round"), name="inspection_item_round_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="itemround",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at", None), ("accepting_unit", None)),
                    models.Q(("accepted_at__isnull", False), ("accepting_unit__isnull", False)),
                    _connector="OR",
                ),
                name="inspection_accepted_by_a_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="itemround",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("notice_from", None), ("notice_to", None)),
                    ("notice_to__gte", models.F("notice_from")),
                    _connector="OR",
                ),
                name="inspection_notice_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="itemround",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_at", None),
                    models.Q(
                        models.Q(("confirmed_by", ""), _negated=True),
                        models.Q(("public_problem", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="inspection_public_text_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="lookbackcheck",
            constraint=models.UniqueConstraint(
                fields=("look_back", "item"), name="inspection_drawn_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="lookbackcheck",
            constraint=models.UniqueConstraint(
                fields=("look_back", "position"), name="inspection_drawn_position"
            ),
        ),
        migrations.AddConstraint(
            model_name="lookbackcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("checked_at", None), ("result", "")),
                    models.Q(
                        models.Q(("result", ""), _negated=True),
                        ("checked_at__isnull", False),
                        models.Q(("checked_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="inspection_checked_who_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="lookbackcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("position__gte", 1)), name="inspection_drawn_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="materialversion",
            constraint=models.UniqueConstraint(
                fields=("material", "version"), name="inspection_version_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="materialversion",
            constraint=models.UniqueConstraint(
                fields=("material", "digest"), name="inspection_version_no_copy"
            ),
        ),
        migrations.AddConstraint(
            model_name="publicity",
            constraint=models.UniqueConstraint(
                fields=("round", "batch", "medium", "outlet", "on"),
                name="inspection_publicity_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="material",
            constraint=models.UniqueConstraint(
                fields=("round", "number"), name="inspection_material_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="material",
            constraint=models.UniqueConstraint(
                fields=("round", "title"), name="inspection_material_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="lookback",
            constraint=models.UniqueConstraint(
                fields=("round", "ordinal"), name="inspection_look_back_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="lookback",
            constraint=models.CheckConstraint(
                condition=models.Q(("size__gte", 1)), name="inspection_look_back_size"
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(("giver", models.F("taker")), _negated=True),
                name="inspection_two_shifts",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(
                fields=("round", "number"), name="inspection_finding_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyshift",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_at__gt", models.F("from_at"))),
                name="inspection_shift_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyshift",
            constraint=models.UniqueConstraint(
                fields=("round", "person", "from_at"), name="inspection_shift_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.UniqueConstraint(
                fields=("round", "number"), name="inspection_batch_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="inspection_batch_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulemade",
            constraint=models.UniqueConstraint(
                fields=("item", "title"), name="inspection_rule_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="workinggroup",
            constraint=models.UniqueConstraint(
                fields=("round", "name"), name="inspection_group_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="groupmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("to_on", None), ("to_on__gte", models.F("from_on")), _connector="OR"
                ),
                name="inspection_member_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupmember",
            constraint=models.UniqueConstraint(
                fields=("group", "name", "organisation", "from_on"), name="inspection_member_once"
            ),
        ),
    ]
