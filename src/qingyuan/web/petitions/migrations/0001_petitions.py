"""Petitions: reports sealed, petitions beside their cases, packages, registers, draws."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0002_parts_links"),
        ("registry", "0004_air_targets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LookBack",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="名称")),
                ("basis", models.CharField(blank=True, max_length=120, verbose_name="依据")),
                ("channel", models.CharField(blank=True, max_length=40, verbose_name="渠道")),
                ("since", models.DateField(verbose_name="自")),
                ("until", models.DateField(verbose_name="至")),
                ("begun_by", models.CharField(max_length=120, verbose_name="发起人")),
                ("begun_at", models.DateTimeField(verbose_name="发起时间")),
            ],
        ),
        migrations.CreateModel(
            name="SampleDraw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("closed", "办结件抽查"), ("nothing_found", "报有查无抽查")],
                        max_length=16,
                        verbose_name="目的",
                    ),
                ),
                ("since", models.DateField(verbose_name="自")),
                ("until", models.DateField(verbose_name="至")),
                ("channel", models.CharField(blank=True, max_length=40, verbose_name="渠道")),
                ("pool", models.JSONField(verbose_name="抽取池")),
                ("pool_digest", models.CharField(max_length=64, verbose_name="池摘要（SHA-256）")),
                ("algorithm", models.CharField(max_length=40, verbose_name="算法")),
                ("seed", models.CharField(max_length=64, verbose_name="种子")),
                (
                    "rate",
                    models.DecimalField(decimal_places=2, max_digits=5, verbose_name="比例（%）"),
                ),
                ("result", models.JSONField(verbose_name="抽中")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="重抽理由")),
                ("drawn_by", models.CharField(max_length=120, verbose_name="抽取人")),
                ("drawn_at", models.DateTimeField(verbose_name="抽取时间")),
            ],
        ),
        migrations.CreateModel(
            name="Channel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40, verbose_name="代码")),
                ("zh", models.CharField(max_length=80, verbose_name="名称")),
                ("en", models.CharField(blank=True, max_length=120, verbose_name="英文名")),
                ("procedure", models.CharField(max_length=40, verbose_name="程序")),
                ("valid_from", models.DateField(verbose_name="自")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="至")),
                (
                    "former",
                    models.CharField(blank=True, max_length=200, verbose_name="曾用名（、分隔）"),
                ),
                ("put_by", models.CharField(max_length=120, verbose_name="登记人")),
                ("put_at", models.DateTimeField(verbose_name="登记时间")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "valid_from"), name="channel_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to__isnull", True),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="channel_ends_after",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConductReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="编号")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("service", "服务态度投诉"),
                            ("officer", "执法人员违纪违法线索"),
                            ("feedback", "对公开内容的意见"),
                        ],
                        max_length=12,
                        verbose_name="类别",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("received", "待办"), ("handled", "已办")],
                        default="received",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="收到时间")),
                ("subject_sealed", models.TextField(blank=True, verbose_name="对象（密封）")),
                ("text_sealed", models.TextField(blank=True, verbose_name="内容（密封）")),
                ("contact_sealed", models.TextField(blank=True, verbose_name="联系方式（密封）")),
                ("result_sealed", models.TextField(blank=True, verbose_name="处理结果（密封）")),
                ("proven", models.BooleanField(blank=True, null=True, verbose_name="属实")),
                (
                    "handled_by",
                    models.CharField(blank=True, max_length=120, null=True, verbose_name="办理人"),
                ),
                (
                    "handled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="办理时间"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("handled_at__isnull", True),
                                ("handled_by__isnull", True),
                                ("state", "received"),
                            ),
                            models.Q(
                                ("handled_at__isnull", False),
                                ("handled_by__isnull", False),
                                ("state", "handled"),
                            ),
                            _connector="OR",
                        ),
                        name="conduct_handled_who_when",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Escalation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="登记号")),
                (
                    "level",
                    models.CharField(
                        choices=[("city", "到市"), ("province", "到省"), ("nation", "到国家")],
                        max_length=12,
                        verbose_name="层级",
                    ),
                ),
                ("on", models.DateField(verbose_name="日期")),
                ("people", models.PositiveIntegerField(default=1, verbose_name="人数")),
                ("matter", models.CharField(max_length=200, verbose_name="事项")),
                (
                    "stability",
                    models.CharField(
                        choices=[
                            ("resolved", "已化解"),
                            ("stable", "稳定可控"),
                            ("watched", "重点关注"),
                            ("unstable", "不稳定"),
                        ],
                        max_length=12,
                        verbose_name="稳控状态",
                    ),
                ),
                ("put_by", models.CharField(max_length=120, verbose_name="登记人")),
                ("put_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "district",
                    models.ForeignKey(
                        db_column="district_code",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="escalations",
                        to="registry.district",
                        to_field="code",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EscalationNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stability",
                    models.CharField(
                        choices=[
                            ("resolved", "已化解"),
                            ("stable", "稳定可控"),
                            ("watched", "重点关注"),
                            ("unstable", "不稳定"),
                        ],
                        max_length=12,
                        verbose_name="稳控状态",
                    ),
                ),
                ("note", models.CharField(max_length=400, verbose_name="说明")),
                ("by", models.CharField(max_length=120, verbose_name="登记人")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "escalation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="petitions.escalation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Knock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mark", models.CharField(max_length=64, verbose_name="地址印记（SM3）")),
                ("what", models.CharField(max_length=12, verbose_name="事")),
                ("period", models.DateTimeField(verbose_name="时段")),
                ("count", models.PositiveIntegerField(default=1, verbose_name="次数")),
            ],
            options={
                "indexes": [models.Index(fields=["period"], name="knock_period")],
                "constraints": [
                    models.UniqueConstraint(fields=("mark", "what", "period"), name="knock_one_row")
                ],
            },
        ),
        migrations.CreateModel(
            name="ParameterChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="参数")),
                ("value", models.DecimalField(decimal_places=3, max_digits=12, verbose_name="值")),
                ("valid_from", models.DateField(verbose_name="自")),
                ("document", models.CharField(max_length=120, verbose_name="依据")),
                ("set_by", models.CharField(max_length=120, verbose_name="登记人")),
                ("set_at", models.DateTimeField(verbose_name="登记时间")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("value__gte", 0)), name="parameter_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("document", ""), _negated=True),
                        name="parameter_has_document",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Petition",
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
                            ("claim", "申诉求决"),
                            ("accusation", "检举控告"),
                            ("advice", "建议意见"),
                        ],
                        default="claim",
                        max_length=12,
                        verbose_name="信访类别",
                    ),
                ),
                ("channel", models.CharField(max_length=40, verbose_name="渠道")),
                ("category", models.CharField(max_length=16, verbose_name="类别")),
                ("received_at", models.DateTimeField(verbose_name="最早收到")),
                ("lon", models.FloatField(blank=True, null=True, verbose_name="经度")),
                ("lat", models.FloatField(blank=True, null=True, verbose_name="纬度")),
                ("reports_count", models.PositiveIntegerField(default=1, verbose_name="来件数")),
                (
                    "provenance",
                    models.CharField(blank=True, max_length=80, verbose_name="交转来源"),
                ),
                ("batch", models.CharField(blank=True, max_length=80, verbose_name="批次")),
                (
                    "accepted_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="受理时间"),
                ),
                ("exit", models.CharField(blank=True, max_length=16, verbose_name="导入途径")),
                (
                    "text_inspector",
                    models.CharField(blank=True, max_length=1000, verbose_name="核查人员可读文本"),
                ),
                (
                    "text_inspector_by",
                    models.CharField(blank=True, max_length=120, null=True, verbose_name="确认人"),
                ),
                (
                    "text_inspector_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="确认时间"),
                ),
                (
                    "text_enterprise",
                    models.CharField(blank=True, max_length=1000, verbose_name="企业可读文本"),
                ),
                (
                    "text_enterprise_by",
                    models.CharField(
                        blank=True, max_length=120, null=True, verbose_name="确认人（企业）"
                    ),
                ),
                (
                    "text_enterprise_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="确认时间（企业）"),
                ),
                ("key_since", models.DateField(blank=True, null=True, verbose_name="列为重点")),
                (
                    "key_year",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="化解年度"
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="petition",
                        to="cases.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Package",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("team", models.CharField(max_length=400, verbose_name="一套班子")),
                ("plan", models.CharField(max_length=1000, verbose_name="一个方案")),
                ("pursuit", models.CharField(max_length=400, verbose_name="一抓到底")),
                ("period", models.CharField(max_length=20, verbose_name="包案期")),
                ("opened_by", models.CharField(max_length=120, verbose_name="立项人")),
                ("opened_at", models.DateTimeField(verbose_name="立项时间")),
                (
                    "closed_by",
                    models.CharField(blank=True, max_length=120, null=True, verbose_name="结案人"),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="结案时间")),
                (
                    "leader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="packages",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="packages",
                        to="petitions.petition",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NothingFound",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(verbose_name="轮次")),
                ("found_at", models.DateTimeField(verbose_name="认定时间")),
                (
                    "checker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nothing_found",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="nothing_found",
                        to="petitions.petition",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LookBackItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("satisfaction", models.CharField(max_length=12, verbose_name="原满意度")),
                ("resolution", models.CharField(max_length=12, verbose_name="原解决情况")),
                (
                    "round",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="重办轮次"
                    ),
                ),
                (
                    "refusal",
                    models.CharField(blank=True, max_length=240, verbose_name="未重启的原因"),
                ),
                (
                    "lookback",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="petitions.lookback",
                    ),
                ),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lookbacks",
                        to="petitions.petition",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="escalation",
            name="petition",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="escalations",
                to="petitions.petition",
            ),
        ),
        migrations.CreateModel(
            name="CallBack",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveSmallIntegerField(verbose_name="轮次")),
                ("at", models.DateTimeField(verbose_name="回访时间")),
                ("unit_code", models.CharField(blank=True, max_length=40, verbose_name="承办单位")),
                ("reached", models.BooleanField(verbose_name="接通")),
                (
                    "satisfaction",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("satisfied", "满意"),
                            ("basically", "基本满意"),
                            ("unsatisfied", "不满意"),
                        ],
                        max_length=12,
                        verbose_name="满意度",
                    ),
                ),
                (
                    "resolution",
                    models.CharField(
                        blank=True,
                        choices=[("solved", "解决"), ("unsolved", "未解决")],
                        max_length=12,
                        verbose_name="解决情况",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="callbacks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="callbacks",
                        to="petitions.petition",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="来件号")),
                (
                    "code_mark",
                    models.CharField(blank=True, max_length=64, verbose_name="查询码印记"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "未提交"),
                            ("received", "待登记"),
                            ("registered", "已登记"),
                            ("merged", "并入已有件"),
                            ("refused", "不予登记"),
                        ],
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("channel", models.CharField(max_length=40, verbose_name="渠道")),
                (
                    "source_system",
                    models.CharField(blank=True, max_length=40, verbose_name="来源系统"),
                ),
                ("source_no", models.CharField(blank=True, max_length=80, verbose_name="来源编号")),
                ("received_at", models.DateTimeField(verbose_name="收到时间")),
                ("category", models.CharField(max_length=16, verbose_name="类别")),
                ("answers", models.JSONField(default=dict, verbose_name="追问")),
                ("lon", models.FloatField(blank=True, null=True, verbose_name="经度")),
                ("lat", models.FloatField(blank=True, null=True, verbose_name="纬度")),
                ("place_sealed", models.TextField(blank=True, verbose_name="地点（密封）")),
                ("text_sealed", models.TextField(blank=True, verbose_name="原文（密封）")),
                ("anonymous", models.BooleanField(default=False, verbose_name="匿名")),
                (
                    "source_url",
                    models.CharField(blank=True, max_length=400, verbose_name="网址（舆情）"),
                ),
                (
                    "heat",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="热度（阅读量）"
                    ),
                ),
                ("handed_at", models.DateTimeField(blank=True, null=True, verbose_name="移交时间")),
                (
                    "settled_by",
                    models.CharField(blank=True, max_length=120, null=True, verbose_name="登记人"),
                ),
                (
                    "settled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="登记时间"),
                ),
                (
                    "refusal",
                    models.CharField(blank=True, max_length=200, verbose_name="不予登记的理由"),
                ),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        db_column="district_code",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="citizen_reports",
                        to="registry.district",
                        to_field="code",
                    ),
                ),
                (
                    "first_contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="first_contacts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handed_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handed_contacts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "petition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="petitions.petition",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="查看时间")),
                (
                    "what",
                    models.CharField(
                        choices=[("contact", "联系方式"), ("words", "原文")],
                        max_length=12,
                        verbose_name="内容",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                ("told", models.CharField(blank=True, max_length=240, verbose_name="已告知")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="looks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="looks",
                        to="petitions.report",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Complainant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField(blank=True, verbose_name="姓名（密封）")),
                ("phone", models.TextField(blank=True, verbose_name="电话（密封）")),
                ("id_number", models.TextField(blank=True, verbose_name="证件号（密封）")),
                ("address", models.TextField(blank=True, verbose_name="住址（密封）")),
                ("email", models.TextField(blank=True, verbose_name="邮箱（密封）")),
                ("note", models.TextField(blank=True, verbose_name="其他（密封）")),
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="complainant",
                        to="petitions.report",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReportPhoto",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("image", models.BinaryField(verbose_name="展示件（WebP）")),
                ("sm3", models.CharField(max_length=64, verbose_name="收到时的摘要（SM3）")),
                ("width", models.PositiveIntegerField(verbose_name="宽")),
                ("height", models.PositiveIntegerField(verbose_name="高")),
                (
                    "cleared",
                    models.CharField(
                        blank=True,
                        choices=[("", "未审"), ("inspector", "核查人员可看"), ("refused", "不转")],
                        default="",
                        max_length=12,
                        verbose_name="可看范围",
                    ),
                ),
                ("cleared_by", models.CharField(blank=True, max_length=120, verbose_name="审核人")),
                (
                    "cleared_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="审核时间"),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="petitions.report",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SampleCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("in_time", models.BooleanField(verbose_name="按时")),
                ("replied", models.BooleanField(verbose_name="已答复来件人")),
                ("evidence", models.BooleanField(verbose_name="佐证齐全")),
                (
                    "finding",
                    models.CharField(
                        choices=[("sound", "办理规范"), ("faults", "有瑕疵"), ("redo", "须重办")],
                        max_length=12,
                        verbose_name="结论",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="说明")),
                ("by", models.CharField(max_length=120, verbose_name="抽查人")),
                ("at", models.DateTimeField(verbose_name="抽查时间")),
                (
                    "petition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sample_checks",
                        to="petitions.petition",
                    ),
                ),
                (
                    "draw",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="checks",
                        to="petitions.sampledraw",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="YearlyTarget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                (
                    "kind",
                    models.CharField(
                        choices=[("backlog", "信访积案化解"), ("key", "重点环境信访件化解")],
                        max_length=12,
                        verbose_name="任务",
                    ),
                ),
                ("count", models.PositiveIntegerField(verbose_name="件数")),
                ("basis", models.CharField(max_length=120, verbose_name="依据")),
                ("set_by", models.CharField(max_length=120, verbose_name="登记人")),
                ("set_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        db_column="district_code",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="petition_targets",
                        to="registry.district",
                        to_field="code",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Avoidance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("relation", models.CharField(max_length=120, verbose_name="关系")),
                ("valid_from", models.DateField(verbose_name="自")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="至")),
                ("put_by", models.CharField(max_length=120, verbose_name="登记人")),
                ("put_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "enterprise",
                    models.ForeignKey(
                        db_column="enterprise_code",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="avoidances",
                        to="registry.enterprise",
                        to_field="code",
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="avoidances",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to", None)),
                        fields=("officer", "enterprise"),
                        name="avoidance_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditTrigger",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("repeat", "同一地点再次举报"),
                            ("contradicted", "监测或邻近投诉显示超标"),
                            ("drawn", "抽查抽中"),
                        ],
                        max_length=16,
                        verbose_name="规则",
                    ),
                ),
                ("parameters", models.JSONField(default=dict, verbose_name="当日参数")),
                ("evidence", models.JSONField(default=list, verbose_name="证据")),
                ("at", models.DateTimeField(verbose_name="触发时间")),
                (
                    "audit_case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit_triggers",
                        to="cases.case",
                    ),
                ),
                (
                    "found",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="triggers",
                        to="petitions.nothingfound",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("found", "rule"), name="trigger_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PackageCheck",
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
                            ("situation", "包掌握情况"),
                            ("guidance", "包思想转化"),
                            ("solution", "包问题化解"),
                            ("settlement", "包息诉息访"),
                            ("stability", "包人员稳控"),
                        ],
                        max_length=12,
                        verbose_name="包",
                    ),
                ),
                ("done_on", models.DateField(verbose_name="完成日期")),
                ("note", models.CharField(max_length=400, verbose_name="说明")),
                ("by", models.CharField(max_length=120, verbose_name="登记人")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "package",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="checks",
                        to="petitions.package",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("package", "kind"), name="package_check_once"),
                    models.CheckConstraint(
                        condition=models.Q(("note", ""), _negated=True),
                        name="package_check_has_note",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PackageVisit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("receive", "定期接访"),
                            ("go_down", "带案下访"),
                            ("appoint", "重点约访"),
                            ("settle", "包案处访"),
                            ("follow", "跟踪回访"),
                        ],
                        max_length=12,
                        verbose_name="方式",
                    ),
                ),
                ("on", models.DateField(verbose_name="日期")),
                ("note", models.CharField(max_length=400, verbose_name="情况")),
                ("by", models.CharField(max_length=120, verbose_name="登记人")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "leader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="package_visits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "package",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="visits",
                        to="petitions.package",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["leader", "mode", "on"], name="visit_of_leader")],
            },
        ),
        migrations.AddIndex(
            model_name="petition",
            index=models.Index(fields=["lat", "lon"], name="petition_place"),
        ),
        migrations.AddIndex(
            model_name="petition",
            index=models.Index(fields=["-received_at", "-id"], name="petition_received"),
        ),
        migrations.AddIndex(
            model_name="petition",
            index=models.Index(fields=["key_year"], name="petition_key_year"),
        ),
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lat__isnull", True), ("lon__isnull", True)),
                    models.Q(("lat__range", (-90, 90)), ("lon__range", (-180, 180))),
                    _connector="OR",
                ),
                name="petition_place_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("text_inspector_at__isnull", True), ("text_inspector_by__isnull", True)
                    ),
                    models.Q(
                        ("text_inspector_at__isnull", False), ("text_inspector_by__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="petition_inspector_who_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("text_enterprise_at__isnull", True), ("text_enterprise_by__isnull", True)
                    ),
                    models.Q(
                        ("text_enterprise_at__isnull", False), ("text_enterprise_by__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="petition_enterprise_who_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="petition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("key_since__isnull", True), ("key_year__isnull", True)),
                    models.Q(("key_since__isnull", False), ("key_year__isnull", False)),
                    _connector="OR",
                ),
                name="petition_key_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="package",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)),
                fields=("petition",),
                name="package_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="package",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("team", ""), _negated=True),
                    models.Q(("plan", ""), _negated=True),
                    models.Q(("pursuit", ""), _negated=True),
                    models.Q(("period", ""), _negated=True),
                ),
                name="package_four_ones",
            ),
        ),
        migrations.AddConstraint(
            model_name="package",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("closed_by__isnull", True)),
                    models.Q(("closed_at__isnull", False), ("closed_by__isnull", False)),
                    _connector="OR",
                ),
                name="package_closed_who_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="nothingfound",
            constraint=models.UniqueConstraint(
                fields=("petition", "round"), name="nothing_found_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="lookbackitem",
            constraint=models.UniqueConstraint(
                fields=("lookback", "petition"), name="lookback_item_once"
            ),
        ),
        migrations.AddIndex(
            model_name="escalation",
            index=models.Index(fields=["-on", "-id"], name="escalation_newest"),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(fields=["petition", "round", "-at"], name="callback_of_round"),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reached", False), ("resolution", ""), ("satisfaction", "")),
                    models.Q(
                        ("reached", True),
                        models.Q(("satisfaction", ""), _negated=True),
                        models.Q(("resolution", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="callback_answers_when_reached",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["state", "-received_at"], name="report_state_received"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["lat", "lon"], name="report_place"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_no", ""), _negated=True),
                fields=("source_system", "source_no"),
                name="report_source_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lat__isnull", True), ("lon__isnull", True)),
                    models.Q(("lat__range", (-90, 90)), ("lon__range", (-180, 180))),
                    _connector="OR",
                ),
                name="report_place_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at__isnull", True), ("settled_by__isnull", True)),
                    models.Q(("settled_at__isnull", False), ("settled_by__isnull", False)),
                    _connector="OR",
                ),
                name="report_settled_who_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("petition__isnull", False), ("state__in", ["registered", "merged"])),
                    models.Q(
                        models.Q(("state__in", ["registered", "merged"]), _negated=True),
                        ("petition__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="report_registered_has_petition",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "refused"), _negated=True),
                    models.Q(("refusal", ""), _negated=True),
                    _connector="OR",
                ),
                name="report_refused_has_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="look",
            index=models.Index(fields=["report", "-at"], name="look_of_report"),
        ),
        migrations.AddConstraint(
            model_name="look",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="look_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="reportphoto",
            constraint=models.UniqueConstraint(
                fields=("report", "position"), name="photo_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="samplecheck",
            constraint=models.UniqueConstraint(
                fields=("draw", "petition"), name="sample_checked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="samplecheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("finding", "sound"), models.Q(("note", ""), _negated=True), _connector="OR"
                ),
                name="sample_fault_has_note",
            ),
        ),
        migrations.AddConstraint(
            model_name="yearlytarget",
            constraint=models.CheckConstraint(
                condition=models.Q(("count__gt", 0)), name="petition_target_positive"
            ),
        ),
    ]
