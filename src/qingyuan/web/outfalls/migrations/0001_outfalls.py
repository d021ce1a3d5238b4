"""The record of outfalls: versions, dischargers, samples, lineage, signs."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("registry", "0003_ended_outfalls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Discharger",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="名称")),
                (
                    "credit_code",
                    models.CharField(blank=True, max_length=18, verbose_name="统一社会信用代码"),
                ),
                (
                    "permit_no",
                    models.CharField(blank=True, max_length=40, verbose_name="排污许可证编号"),
                ),
                (
                    "outlet_no",
                    models.CharField(
                        blank=True, max_length=12, verbose_name="排放口编号（HJ 608-2017）"
                    ),
                ),
                ("responsible", models.BooleanField(default=False, verbose_name="责任主体")),
                (
                    "quantity_m3_d",
                    models.FloatField(blank=True, null=True, verbose_name="水量（m³/d）"),
                ),
                ("duty", models.CharField(blank=True, max_length=200, verbose_name="各方责任")),
                ("valid_from", models.DateField(verbose_name="自")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="至（不含）")),
                (
                    "enterprise",
                    models.ForeignKey(
                        blank=True,
                        db_column="enterprise_code",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.enterprise",
                        to_field="code",
                    ),
                ),
                (
                    "outfall",
                    models.ForeignKey(
                        db_column="outfall_code",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dischargers",
                        to="registry.outfall",
                        to_field="code",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("responsible", True), ("valid_to", None)),
                        fields=("outfall",),
                        name="discharger_one_responsible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="discharger_period",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Lineage",
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
                        choices=[("closed", "封堵"), ("merged", "并入"), ("replaced", "改建为")],
                        max_length=10,
                        verbose_name="方式",
                    ),
                ),
                ("on", models.DateField(verbose_name="日期")),
                ("reason", models.CharField(max_length=300, verbose_name="理由")),
                ("made_at", models.DateTimeField(verbose_name="记录时间")),
                (
                    "into",
                    models.ForeignKey(
                        blank=True,
                        db_column="into_code",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged_from",
                        to="registry.outfall",
                        to_field="code",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outfall",
                    models.OneToOneField(
                        db_column="outfall_code",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ending",
                        to="registry.outfall",
                        to_field="code",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "closed"), ("into", None)),
                            models.Q(
                                models.Q(("kind", "closed"), _negated=True), ("into__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="lineage_into",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("into", models.F("outfall")), _negated=True),
                        name="lineage_not_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutfallRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="版本")),
                ("valid_from", models.DateField(verbose_name="自")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="至（不含）")),
                ("reason", models.CharField(max_length=200, verbose_name="变更原因")),
                ("made_at", models.DateTimeField(verbose_name="记录时间")),
                (
                    "official_code",
                    models.CharField(blank=True, max_length=60, verbose_name="官方编码"),
                ),
                ("outfall_class", models.CharField(max_length=60, verbose_name="类别")),
                ("lon", models.FloatField(verbose_name="经度")),
                ("lat", models.FloatField(verbose_name="纬度")),
                (
                    "coordinate",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("gnss", "现场定位"),
                            ("drone", "无人机影像"),
                            ("map", "地图量取"),
                            ("imported", "随城市数据装载"),
                        ],
                        max_length=10,
                        verbose_name="坐标来源",
                    ),
                ),
                (
                    "coordinate_error_m",
                    models.FloatField(blank=True, null=True, verbose_name="坐标误差（m）"),
                ),
                (
                    "function_zone",
                    models.CharField(blank=True, max_length=80, verbose_name="水功能区"),
                ),
                (
                    "target_class",
                    models.CharField(blank=True, max_length=4, verbose_name="目标类别"),
                ),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[("continuous", "连续"), ("intermittent", "间歇")],
                        max_length=14,
                        verbose_name="排放方式",
                    ),
                ),
                (
                    "mouth",
                    models.CharField(
                        blank=True,
                        choices=[("open", "明排"), ("submerged", "淹没")],
                        max_length=10,
                        verbose_name="入河方式",
                    ),
                ),
                (
                    "pipe_mm",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="管径（mm）"),
                ),
                (
                    "channel_width_m",
                    models.FloatField(blank=True, null=True, verbose_name="受纳水面宽（m）"),
                ),
                (
                    "found_level",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="排查级别"
                    ),
                ),
                ("found_on", models.DateField(blank=True, null=True, verbose_name="发现日期")),
                (
                    "route",
                    models.CharField(
                        blank=True,
                        choices=[("approval", "审批"), ("registration", "登记")],
                        max_length=14,
                        verbose_name="设置途径",
                    ),
                ),
                (
                    "approval_no",
                    models.CharField(blank=True, max_length=60, verbose_name="批复或登记号"),
                ),
                (
                    "approved_on",
                    models.DateField(blank=True, null=True, verbose_name="批复或登记日期"),
                ),
                (
                    "approved_m3_d",
                    models.FloatField(blank=True, null=True, verbose_name="核定排水量（m³/d）"),
                ),
                (
                    "approved_pollutants",
                    models.CharField(blank=True, max_length=200, verbose_name="核定污染物"),
                ),
                (
                    "monitoring",
                    models.CharField(
                        blank=True,
                        choices=[("online", "自动监测"), ("manual", "手工监测"), ("none", "无")],
                        max_length=8,
                        verbose_name="监测方式",
                    ),
                ),
                ("frequency", models.CharField(blank=True, max_length=40, verbose_name="监测频次")),
                (
                    "flow_m3_d",
                    models.FloatField(blank=True, null=True, verbose_name="估计流量（m³/d）"),
                ),
                (
                    "flow_rel_sd",
                    models.FloatField(blank=True, null=True, verbose_name="流量相对标准差"),
                ),
                (
                    "tracing_result",
                    models.CharField(blank=True, max_length=300, verbose_name="溯源结果"),
                ),
                (
                    "tracing_method",
                    models.CharField(blank=True, max_length=120, verbose_name="溯源方法"),
                ),
                (
                    "tracing_confidence",
                    models.FloatField(blank=True, null=True, verbose_name="溯源可信度（0–1）"),
                ),
                ("problem", models.CharField(blank=True, max_length=120, verbose_name="问题类型")),
                (
                    "cure",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ban", "依法取缔"),
                            ("merge", "清理合并"),
                            ("regulate", "规范整治"),
                            ("keep", "保留"),
                        ],
                        max_length=10,
                        verbose_name="整治类型",
                    ),
                ),
                ("measures", models.CharField(blank=True, max_length=400, verbose_name="整治措施")),
                ("cure_by", models.DateField(blank=True, null=True, verbose_name="整治期限")),
                ("responsible", models.CharField(blank=True, max_length=60, verbose_name="责任人")),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("found", "发现"),
                            ("traced", "溯源"),
                            ("curing", "整治"),
                            ("accepting", "验收"),
                            ("struck", "销号"),
                        ],
                        max_length=10,
                        verbose_name="环节",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outfall",
                    models.ForeignKey(
                        db_column="outfall_code",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="registry.outfall",
                        to_field="code",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("outfall", "version"), name="record_version_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to", None)),
                        fields=("outfall",),
                        name="record_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="record_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lat__range", (3, 54)), ("lon__range", (73, 136))),
                        name="record_place",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("found_level", None), ("found_level__in", [1, 2, 3]), _connector="OR"
                        ),
                        name="record_found_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("tracing_confidence", None),
                            ("tracing_confidence__range", (0, 1)),
                            _connector="OR",
                        ),
                        name="record_confidence",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutfallSample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("taken_at", models.DateTimeField(verbose_name="采样时间")),
                ("factor", models.CharField(max_length=12, verbose_name="因子")),
                ("text", models.CharField(max_length=24, verbose_name="结果（原文）")),
                (
                    "value",
                    models.DecimalField(
                        decimal_places=6, max_digits=18, verbose_name="结果（mg/L）"
                    ),
                ),
                ("below", models.BooleanField(default=False, verbose_name="低于检出限")),
                (
                    "laboratory",
                    models.CharField(blank=True, max_length=120, verbose_name="检测单位"),
                ),
                ("report_no", models.CharField(blank=True, max_length=60, verbose_name="报告编号")),
                ("made_at", models.DateTimeField(verbose_name="录入时间")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="撤销时间"),
                ),
                (
                    "withdrawn_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="撤销理由"),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outfall",
                    models.ForeignKey(
                        db_column="outfall_code",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="samples",
                        to="registry.outfall",
                        to_field="code",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["outfall", "factor", "taken_at"], name="sample_series")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("outfall", "factor", "taken_at", "laboratory"),
                        name="sample_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value__gte", 0)), name="sample_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProfileBefore",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("factor", models.CharField(max_length=12, verbose_name="因子")),
                ("n", models.PositiveIntegerField(verbose_name="样品数")),
                ("ln_mean", models.FloatField(verbose_name="对数均值（ln mg/L）")),
                ("ln_sd", models.FloatField(verbose_name="对数标准差")),
                (
                    "outfall",
                    models.ForeignKey(
                        db_column="outfall_code",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="registry.outfall",
                        to_field="code",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("outfall", "factor"), name="profile_before_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Sign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.CharField(max_length=32, unique=True, verbose_name="二维码标识")),
                ("issued_at", models.DateTimeField(verbose_name="发放时间")),
                (
                    "revoked_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="作废时间"),
                ),
                (
                    "issued_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "outfall",
                    models.ForeignKey(
                        db_column="outfall_code",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signs",
                        to="registry.outfall",
                        to_field="code",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("outfall",),
                        name="sign_one_valid",
                    )
                ],
            },
        ),
    ]
