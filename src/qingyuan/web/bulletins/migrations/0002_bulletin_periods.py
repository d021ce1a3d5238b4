import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bulletins", "0001_bulletin"),
    ]

    operations = [
        migrations.AddField(
            model_name="bulletin",
            name="content_en",
            field=models.JSONField(default=dict, verbose_name="英文对照"),
        ),
        migrations.AddField(
            model_name="bulletin",
            name="correction_notice",
            field=models.CharField(blank=True, max_length=400, verbose_name="更正说明"),
        ),
        migrations.AddField(
            model_name="bulletin",
            name="corrects",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="bulletins.bulletin",
            ),
        ),
        migrations.AddField(
            model_name="bulletin",
            name="first",
            field=models.DateField(null=True, verbose_name="自"),
        ),
        migrations.AlterField(
            model_name="bulletin",
            name="kind",
            field=models.CharField(max_length=16, verbose_name="种类"),
        ),
        migrations.AlterField(
            model_name="bulletin",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "拟稿"),
                    ("reviewed", "已审核"),
                    ("signed", "已签发"),
                    ("published", "已发布"),
                    ("corrected", "已更正"),
                    ("withdrawn", "已撤回"),
                ],
                default="draft",
                max_length=16,
                verbose_name="状态",
            ),
        ),
        migrations.AddIndex(
            model_name="bulletin",
            index=models.Index(fields=["kind", "-day"], name="bulletin_kind_day"),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("correction_notice", ""), ("corrects", None)),
                    models.Q(
                        ("corrects__isnull", False),
                        models.Q(("correction_notice", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="bulletin_corrects_with_notice",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first", None), ("first__lte", models.F("day")), _connector="OR"
                ),
                name="bulletin_first_before_last",
            ),
        ),
    ]
