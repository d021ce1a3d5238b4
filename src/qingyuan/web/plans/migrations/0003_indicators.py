"""Indicators of a plan (目标指标)."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("plans", "0002_reminded_for")]

    operations = [
        migrations.CreateModel(
            name="Indicator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=12, verbose_name="序号")),
                ("name", models.CharField(max_length=120, verbose_name="指标")),
                ("unit", models.CharField(blank=True, max_length=24, verbose_name="单位")),
                (
                    "better",
                    models.CharField(
                        choices=[("more", "不低于目标"), ("less", "不高于目标")],
                        default="more",
                        max_length=4,
                        verbose_name="方向",
                    ),
                ),
                (
                    "target",
                    models.DecimalField(decimal_places=4, max_digits=18, verbose_name="目标值"),
                ),
                (
                    "current",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=18,
                        null=True,
                        verbose_name="现状值",
                    ),
                ),
                ("as_of", models.DateField(blank=True, null=True, verbose_name="现状截至")),
                ("source", models.CharField(blank=True, max_length=120, verbose_name="数据来源")),
                (
                    "department",
                    models.CharField(blank=True, max_length=120, verbose_name="责任部门"),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="indicators",
                        to="plans.plan",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("plan", "number"), name="indicator_once"),
                    models.CheckConstraint(
                        condition=Q(("as_of", None), ("current", None))
                        | Q(("as_of__isnull", False), ("current__isnull", False)),
                        name="indicator_value_has_day",
                    ),
                    models.CheckConstraint(
                        condition=Q(("better__in", ["more", "less"])), name="indicator_better"
                    ),
                ]
            },
        ),
    ]
