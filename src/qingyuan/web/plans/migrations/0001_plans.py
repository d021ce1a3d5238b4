"""Plans, trees, reports, documents, papers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_separation"),
        ("cases", "0001_cases"),
        ("registry", "0004_air_targets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IssuedDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200, unique=True, verbose_name="标题")),
                ("number", models.CharField(blank=True, max_length=60, verbose_name="文号")),
                ("issuer", models.CharField(blank=True, max_length=120, verbose_name="制发机关")),
                ("issued_on", models.DateField(blank=True, null=True, verbose_name="印发日期")),
            ],
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=24, unique=True, verbose_name="编号")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("rectification", "巡察整改"),
                            ("scheme", "实施方案"),
                            ("five_year", "五年规划"),
                            ("targets", "年度目标"),
                            ("policy", "政策措施"),
                        ],
                        max_length=16,
                        verbose_name="类别",
                    ),
                ),
                ("title", models.CharField(max_length=160, verbose_name="名称")),
                ("document_no", models.CharField(blank=True, max_length=60, verbose_name="文号")),
                ("issuer", models.CharField(blank=True, max_length=120, verbose_name="制发机关")),
                ("group", models.CharField(blank=True, max_length=300, verbose_name="领导小组")),
                ("starts_on", models.DateField(verbose_name="开始")),
                ("ends_on", models.DateField(verbose_name="完成期限")),
                (
                    "inspected_from",
                    models.DateField(blank=True, null=True, verbose_name="巡察开始"),
                ),
                ("inspected_to", models.DateField(blank=True, null=True, verbose_name="巡察结束")),
                ("fed_back_on", models.DateField(blank=True, null=True, verbose_name="反馈日期")),
                ("published_on", models.DateField(blank=True, null=True, verbose_name="公开日期")),
                (
                    "announced",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="文件所称任务数"
                    ),
                ),
                (
                    "rhythm",
                    models.CharField(
                        choices=[
                            ("weekly", "周报"),
                            ("monthly", "月调度"),
                            ("quarterly", "季度调度"),
                        ],
                        default="weekly",
                        max_length=10,
                        verbose_name="报送周期",
                    ),
                ),
                (
                    "grace_days",
                    models.PositiveSmallIntegerField(default=1, verbose_name="周期后报送日数"),
                ),
                ("outlook", models.TextField(blank=True, verbose_name="今后打算")),
                ("made_at", models.DateTimeField(verbose_name="建立时间")),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plans",
                        to="accounts.unit",
                        verbose_name="牵头单位",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Phase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveSmallIntegerField(verbose_name="序")),
                ("title", models.CharField(max_length=60, verbose_name="阶段")),
                ("starts_on", models.DateField(verbose_name="自")),
                ("ends_on", models.DateField(verbose_name="至")),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="phases",
                        to="plans.plan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Paper",
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
                            ("rectification", "整改进展情况通报"),
                            ("supervision", "督查通报"),
                            ("dispatch", "调度表"),
                            ("evaluation", "评估报告"),
                        ],
                        max_length=16,
                        verbose_name="文书",
                    ),
                ),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="编号")),
                ("period", models.CharField(blank=True, max_length=8, verbose_name="周期")),
                ("content", models.JSONField(verbose_name="内容")),
                ("at", models.DateTimeField(verbose_name="生成时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="papers",
                        to="plans.plan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Node",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=120, verbose_name="次序")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("group", "一级问题"),
                            ("leaf", "子问题"),
                            ("theme", "主题"),
                            ("item", "方面"),
                            ("goal", "年度目标"),
                            ("measure", "措施"),
                            ("task", "任务"),
                        ],
                        max_length=10,
                        verbose_name="类别",
                    ),
                ),
                ("number", models.CharField(max_length=12, verbose_name="序号")),
                ("title", models.CharField(max_length=1000, verbose_name="内容")),
                (
                    "announced",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="所称条数"
                    ),
                ),
                (
                    "year",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="年度"),
                ),
                ("target", models.CharField(blank=True, max_length=200, verbose_name="目标")),
                ("starts_on", models.DateField(blank=True, null=True, verbose_name="启动")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="期限")),
                (
                    "leader_name",
                    models.CharField(blank=True, max_length=60, verbose_name="责任领导（原文）"),
                ),
                (
                    "person_name",
                    models.CharField(blank=True, max_length=60, verbose_name="责任人（原文）"),
                ),
                ("remark", models.CharField(blank=True, max_length=400, verbose_name="备注")),
                ("doubts", models.JSONField(default=list, verbose_name="待确认")),
                ("long_term", models.BooleanField(default=False, verbose_name="长期坚持")),
                ("review_on", models.DateField(blank=True, null=True, verbose_name="下次复查")),
                ("percent", models.PositiveSmallIntegerField(default=0, verbose_name="进度（%）")),
                (
                    "case",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan_node",
                        to="cases.case",
                    ),
                ),
                (
                    "leader",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="led_nodes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="children",
                        to="plans.node",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="task_nodes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "phase",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="nodes",
                        to="plans.phase",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="nodes",
                        to="plans.plan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Freeze",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.CharField(max_length=8, verbose_name="周期")),
                ("at", models.DateTimeField(verbose_name="截止时间")),
                ("rows", models.JSONField(verbose_name="各任务")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="freezes",
                        to="plans.plan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.CharField(max_length=8, verbose_name="周期")),
                ("percent", models.PositiveSmallIntegerField(verbose_name="进度（%）")),
                ("expected", models.PositiveSmallIntegerField(verbose_name="序时进度（%）")),
                ("text", models.CharField(max_length=1000, verbose_name="进展")),
                ("late", models.BooleanField(default=False, verbose_name="逾期报送")),
                ("at", models.DateTimeField(verbose_name="报送时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="plans.node",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=1000, verbose_name="复查情况")),
                ("next_on", models.DateField(verbose_name="下次复查")),
                ("at", models.DateTimeField(verbose_name="复查时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="plans.node",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Issue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=1000, verbose_name="问题")),
                ("raised_at", models.DateTimeField(verbose_name="提交时间")),
                (
                    "decision",
                    models.CharField(blank=True, max_length=1000, verbose_name="研究意见"),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="决定时间")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "raised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="issues",
                        to="plans.node",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_by__isnull", True), ("decided_at__isnull", True)),
                            models.Q(("decided_by__isnull", False), ("decided_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="issue_decided_who_when",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at", None)),
                        fields=("node",),
                        name="issue_one_waiting",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evaluation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="评估年度")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("implemented", "已落实"),
                            ("continued", "继续执行"),
                            ("stopped", "停止执行"),
                            ("not", "未落实"),
                        ],
                        max_length=12,
                        verbose_name="结论",
                    ),
                ),
                ("finding", models.CharField(max_length=1000, verbose_name="评估情况")),
                (
                    "problem",
                    models.CharField(blank=True, max_length=1000, verbose_name="发现的问题"),
                ),
                ("at", models.DateTimeField(verbose_name="评估时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan_evaluations",
                        to="cases.case",
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evaluations",
                        to="plans.node",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("node", "year"), name="evaluation_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("case", None),
                            models.Q(("problem", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="evaluation_case_has_problem",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("produced", "制定"),
                            ("revised", "修订"),
                            ("cited", "引用"),
                            ("system", "平台名称"),
                        ],
                        max_length=10,
                        verbose_name="作为",
                    ),
                ),
                ("confirmed", models.BooleanField(default=False, verbose_name="已核对")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="plans.issueddocument",
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="plans.node",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("node", "document"), name="document_use_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Accountability",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("talk", "约谈"),
                            ("criticism", "通报批评"),
                            ("explain", "责令说明"),
                            ("transfer", "移交纪检"),
                        ],
                        max_length=12,
                        verbose_name="方式",
                    ),
                ),
                ("whom", models.CharField(max_length=120, verbose_name="对象")),
                ("reason", models.CharField(max_length=400, verbose_name="事由")),
                ("on", models.DateField(verbose_name="日期")),
                ("at", models.DateTimeField(verbose_name="记录时间")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accountability",
                        to="plans.node",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["node", "on"], name="accountability_of")],
            },
        ),
        migrations.CreateModel(
            name="NodeUnit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveSmallIntegerField(verbose_name="序")),
                ("name", models.CharField(max_length=120, verbose_name="名称（原文）")),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="units",
                        to="plans.node",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="plan_nodes",
                        to="accounts.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("node", "seq"), name="node_unit_in_order")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="plan_dates"
            ),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("fed_back_on", None),
                    ("published_on", None),
                    ("published_on__gte", models.F("fed_back_on")),
                    _connector="OR",
                ),
                name="plan_published_after",
            ),
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.UniqueConstraint(fields=("plan", "seq"), name="phase_in_order"),
        ),
        migrations.AddConstraint(
            model_name="phase",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="phase_dates"
            ),
        ),
        migrations.AddIndex(
            model_name="node",
            index=models.Index(fields=["leader", "plan"], name="node_led_by"),
        ),
        migrations.AddIndex(
            model_name="node",
            index=models.Index(fields=["plan", "due_on"], name="node_due"),
        ),
        migrations.AddConstraint(
            model_name="node",
            constraint=models.UniqueConstraint(fields=("plan", "path"), name="node_in_order"),
        ),
        migrations.AddConstraint(
            model_name="node",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__lte", 100)), name="node_percent"
            ),
        ),
        migrations.AddConstraint(
            model_name="node",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("starts_on", None),
                    ("due_on", None),
                    ("due_on__gte", models.F("starts_on")),
                    _connector="OR",
                ),
                name="node_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="node",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("case", None), ("kind__in", ["measure", "task"]), _connector="OR"
                ),
                name="node_case_is_work",
            ),
        ),
        migrations.AddConstraint(
            model_name="freeze",
            constraint=models.UniqueConstraint(fields=("plan", "period"), name="freeze_once"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["node", "period", "-at"], name="plan_report_period"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__lte", 100)), name="plan_report_percent"
            ),
        ),
    ]
