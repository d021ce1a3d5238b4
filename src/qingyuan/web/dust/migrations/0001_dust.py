"""Dust sources: sites in versions, leads from above, rounds and their visits, seats of departments."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import qingyuan.web.registry.models.geometry


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_separation"),
        ("cases", "0004_ledger_indexes"),
        ("files", "0002_scan"),
        ("registry", "0004_air_targets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Site",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="编号")),
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
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="轮次编号")),
                ("title", models.CharField(max_length=120, verbose_name="名称")),
                ("team", models.CharField(max_length=120, verbose_name="督导组")),
                ("from_on", models.DateField(verbose_name="起")),
                ("to_on", models.DateField(verbose_name="止")),
                ("made_at", models.DateTimeField(verbose_name="安排时间")),
                (
                    "leader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="组长",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "members",
                    models.ManyToManyField(
                        blank=True,
                        related_name="dust_rounds",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="组员",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "department",
                    models.CharField(
                        choices=[
                            ("housing", "住房和城乡建设部门"),
                            ("city", "城市管理部门"),
                            ("transport", "交通运输部门"),
                            ("water", "水务部门"),
                            ("garden", "园林绿化部门"),
                            ("enforcement", "综合执法部门"),
                            ("traffic_police", "公安交警部门"),
                            ("commerce", "商务部门"),
                        ],
                        max_length=16,
                        verbose_name="责任部门",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="自")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="至（不含）")),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        db_column="district_code",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.district",
                        to_field="code",
                        verbose_name="区市",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="责任人",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.unit",
                        verbose_name="单位",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("wkb", qingyuan.web.registry.models.geometry.WkbField(verbose_name="几何（WKB）")),
                (
                    "datum",
                    models.CharField(default="CGCS2000", max_length=16, verbose_name="坐标基准"),
                ),
                ("west", models.FloatField(verbose_name="西")),
                ("south", models.FloatField(verbose_name="南")),
                ("east", models.FloatField(verbose_name="东")),
                ("north", models.FloatField(verbose_name="北")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="图斑编号")),
                (
                    "seen_by",
                    models.CharField(
                        choices=[("satellite", "卫星遥感"), ("drone", "无人机")],
                        max_length=10,
                        verbose_name="手段",
                    ),
                ),
                ("taken_on", models.DateField(verbose_name="影像日期")),
                ("image", models.CharField(blank=True, max_length=120, verbose_name="影像")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("construction", "建筑工地"),
                            ("demolition", "拆除工地"),
                            ("road", "道路施工"),
                            ("haul_road", "道路保洁与渣土运输路段"),
                            ("water_works", "水利工地"),
                            ("garden_works", "园林绿化工地"),
                            ("yard", "堆场"),
                            ("bare", "裸土地块"),
                            ("port", "港口码头"),
                            ("concrete", "混凝土搅拌站"),
                            ("petrol", "黑加油站点"),
                        ],
                        max_length=16,
                        verbose_name="类别",
                    ),
                ),
                ("lon", models.FloatField(verbose_name="经度")),
                ("lat", models.FloatField(verbose_name="纬度")),
                ("area_m2", models.FloatField(blank=True, null=True, verbose_name="面积（m²）")),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="解译说明")),
                (
                    "matched_m",
                    models.FloatField(blank=True, null=True, verbose_name="与登记点位的距离（m）"),
                ),
                (
                    "matched_share",
                    models.FloatField(blank=True, null=True, verbose_name="重叠占图斑面积"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("new", "待核查"), ("true", "属实"), ("false", "不属实")],
                        default="new",
                        max_length=6,
                        verbose_name="状态",
                    ),
                ),
                ("finding", models.CharField(blank=True, max_length=400, verbose_name="核查情况")),
                ("checked_at", models.DateTimeField(null=True, verbose_name="核查时间")),
                ("made_at", models.DateTimeField(verbose_name="导入时间")),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dust_leads",
                        to="cases.case",
                    ),
                ),
                (
                    "check_picture",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.attachment",
                    ),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        db_column="district_code",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.district",
                        to_field="code",
                        verbose_name="区市",
                    ),
                ),
                (
                    "duplicate_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="again",
                        to="dust.lead",
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
                    "picture",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.attachment",
                        verbose_name="图片",
                    ),
                ),
                (
                    "matched",
                    models.ForeignKey(
                        blank=True,
                        db_column="matched_code",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seen_as",
                        to="dust.site",
                        to_field="code",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        db_column="site_code",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="dust.site",
                        to_field="code",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SiteRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("wkb", qingyuan.web.registry.models.geometry.WkbField(verbose_name="几何（WKB）")),
                (
                    "datum",
                    models.CharField(default="CGCS2000", max_length=16, verbose_name="坐标基准"),
                ),
                ("west", models.FloatField(verbose_name="西")),
                ("south", models.FloatField(verbose_name="南")),
                ("east", models.FloatField(verbose_name="东")),
                ("north", models.FloatField(verbose_name="北")),
                ("name_zh", models.CharField(max_length=120, verbose_name="名称")),
                ("name_en", models.CharField(blank=True, max_length=160, verbose_name="英文名称")),
                (
                    "sort_key",
                    models.CharField(
                        blank=True, db_index=True, max_length=240, verbose_name="拼音排序键"
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="版本")),
                ("valid_from", models.DateField(verbose_name="自")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="至（不含）")),
                ("reason", models.CharField(max_length=200, verbose_name="变更原因")),
                ("made_at", models.DateTimeField(verbose_name="记录时间")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("construction", "建筑工地"),
                            ("demolition", "拆除工地"),
                            ("road", "道路施工"),
                            ("haul_road", "道路保洁与渣土运输路段"),
                            ("water_works", "水利工地"),
                            ("garden_works", "园林绿化工地"),
                            ("yard", "堆场"),
                            ("bare", "裸土地块"),
                            ("port", "港口码头"),
                            ("concrete", "混凝土搅拌站"),
                            ("petrol", "黑加油站点"),
                        ],
                        max_length=16,
                        verbose_name="类别",
                    ),
                ),
                ("town_code", models.CharField(blank=True, max_length=40, verbose_name="所在镇街")),
                ("address", models.CharField(blank=True, max_length=240, verbose_name="地址")),
                ("lon", models.FloatField(verbose_name="经度")),
                ("lat", models.FloatField(verbose_name="纬度")),
                (
                    "department",
                    models.CharField(
                        choices=[
                            ("housing", "住房和城乡建设部门"),
                            ("city", "城市管理部门"),
                            ("transport", "交通运输部门"),
                            ("water", "水务部门"),
                            ("garden", "园林绿化部门"),
                            ("enforcement", "综合执法部门"),
                            ("traffic_police", "公安交警部门"),
                            ("commerce", "商务部门"),
                        ],
                        max_length=16,
                        verbose_name="责任部门",
                    ),
                ),
                ("holder", models.CharField(blank=True, max_length=120, verbose_name="责任单位")),
                (
                    "holder_person",
                    models.CharField(blank=True, max_length=60, verbose_name="单位负责人"),
                ),
                (
                    "stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("preparing", "待开工"),
                            ("earthworks", "土石方"),
                            ("structure", "主体"),
                            ("finishing", "装饰收尾"),
                        ],
                        max_length=12,
                        verbose_name="施工阶段",
                    ),
                ),
                ("area_m2", models.FloatField(blank=True, null=True, verbose_name="面积（m²）")),
                ("works_from", models.DateField(blank=True, null=True, verbose_name="开工日期")),
                ("works_to", models.DateField(blank=True, null=True, verbose_name="计划完工")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "在用"),
                            ("idle", "停工"),
                            ("treated", "已治理"),
                            ("ended", "已销号"),
                        ],
                        default="active",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("registered", "部门登记"),
                            ("patrol", "巡查发现"),
                            ("above", "遥感或无人机"),
                            ("imported", "批量导入"),
                        ],
                        default="registered",
                        max_length=12,
                        verbose_name="来源",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="备注")),
                (
                    "district",
                    models.ForeignKey(
                        db_column="district_code",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.district",
                        to_field="code",
                        verbose_name="区市",
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
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="监管责任人",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_column="site_code",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="dust.site",
                        to_field="code",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.unit",
                        verbose_name="监管单位",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("visited_at", models.DateTimeField(null=True, verbose_name="到场时间")),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="情况")),
                (
                    "transfer_no",
                    models.CharField(blank=True, max_length=60, verbose_name="交办文号"),
                ),
                (
                    "transferred_to",
                    models.CharField(blank=True, max_length=120, verbose_name="交办对象"),
                ),
                ("transferred_at", models.DateTimeField(null=True, verbose_name="交办时间")),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dust_visits",
                        to="cases.case",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        db_column="district_code",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.district",
                        to_field="code",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="dust.round",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_column="site_code",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="dust.site",
                        to_field="code",
                    ),
                ),
                (
                    "visited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Check",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("measure", models.CharField(max_length=12, verbose_name="措施")),
                (
                    "verdict",
                    models.CharField(
                        choices=[("ok", "落实"), ("bad", "未落实"), ("none", "不涉及")],
                        max_length=4,
                        verbose_name="结论",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                (
                    "picture",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.attachment",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="dust.visit",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_on__gte", models.F("from_on"))), name="dust_round_period"
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to", None)),
                fields=("department", "district"),
                name="dust_seat_one_open",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="dust_seat_period",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(fields=["taken_on", "district"], name="dust_lead_when"),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(("datum", "CGCS2000")), name="lead_datum"
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("west__lte", models.F("east")), ("south__lte", models.F("north"))
                ),
                name="lead_box",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("checked_at", None), ("state", "new")),
                    models.Q(
                        models.Q(("state", "new"), _negated=True), ("checked_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="dust_lead_checked",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "true"), models.Q(("case", None), ("site", None)), _connector="OR"
                ),
                name="dust_lead_true_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(("duplicate_of", models.F("pk")), _negated=True),
                name="dust_lead_not_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(("lat__range", (3, 54)), ("lon__range", (73, 136))),
                name="dust_lead_place",
            ),
        ),
        migrations.AddIndex(
            model_name="siterecord",
            index=models.Index(fields=["lat", "lon"], name="dust_where"),
        ),
        migrations.AddConstraint(
            model_name="siterecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("datum", "CGCS2000")), name="siterecord_datum"
            ),
        ),
        migrations.AddConstraint(
            model_name="siterecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("west__lte", models.F("east")), ("south__lte", models.F("north"))
                ),
                name="siterecord_box",
            ),
        ),
        migrations.AddConstraint(
            model_name="siterecord",
            constraint=models.UniqueConstraint(
                fields=("site", "version"), name="dust_site_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="siterecord",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to", None)), fields=("site",), name="dust_site_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="siterecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="dust_site_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="siterecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("works_to", None),
                    ("works_from", None),
                    ("works_to__gte", models.F("works_from")),
                    _connector="OR",
                ),
                name="dust_works_period",
            ),
        ),
        migrations.AddConstraint(
            model_name="siterecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("area_m2", None), ("area_m2__gte", 0), _connector="OR"),
                name="dust_area_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="siterecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("lat__range", (3, 54)), ("lon__range", (73, 136))),
                name="dust_site_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(fields=("round", "site"), name="dust_visit_once"),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("visited_at", None), ("visited_by", None)),
                    models.Q(("visited_at__isnull", False), ("visited_by__isnull", False)),
                    _connector="OR",
                ),
                name="dust_visit_who_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("transferred_at", None), ("case__isnull", False), _connector="OR"
                ),
                name="dust_transfer_has_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="check",
            constraint=models.UniqueConstraint(fields=("visit", "measure"), name="dust_check_once"),
        ),
    ]
