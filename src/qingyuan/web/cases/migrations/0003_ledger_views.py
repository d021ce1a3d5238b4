import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("cases", "0002_parts_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerLayout",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "procedure",
                    models.CharField(blank=True, max_length=40, verbose_name="程序"),
                ),
                ("columns", models.JSONField(blank=True, default=list, verbose_name="列")),
                ("dense", models.BooleanField(default=False, verbose_name="紧凑")),
                ("size", models.PositiveSmallIntegerField(default=50, verbose_name="每页行数")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ledger_layouts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "procedure"), name="ledger_layout_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size__in", [20, 50, 100])), name="ledger_layout_size"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="名称")),
                ("standard", models.BooleanField(default=False, verbose_name="默认视图")),
                ("query", models.CharField(blank=True, max_length=1000, verbose_name="筛选")),
                ("columns", models.JSONField(blank=True, default=list, verbose_name="列")),
                ("dense", models.BooleanField(default=False, verbose_name="紧凑")),
                ("changed_at", models.DateTimeField(verbose_name="变动时间")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ledger_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shared_with",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ledger_views",
                        to="accounts.unit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "name"), name="ledger_view_named"),
                    models.UniqueConstraint(
                        condition=models.Q(("standard", True)),
                        fields=("owner",),
                        name="ledger_view_one_standard",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="ledger_view_has_name",
                    ),
                ],
            },
        ),
    ]
