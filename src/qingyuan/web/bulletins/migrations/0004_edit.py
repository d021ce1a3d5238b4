import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("bulletins", "0003_step"),
    ]

    operations = [
        migrations.CreateModel(
            name="Edit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("section", models.PositiveSmallIntegerField(verbose_name="部分")),
                ("paragraph", models.PositiveSmallIntegerField(verbose_name="段")),
                ("old", models.TextField(blank=True, verbose_name="原文")),
                ("new", models.TextField(blank=True, verbose_name="改为")),
                ("reason", models.CharField(blank=True, max_length=400, verbose_name="理由")),
                ("at", models.DateTimeField(verbose_name="时间")),
            ],
        ),
        migrations.AddField(
            model_name="edit",
            name="bulletin",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="edits",
                to="bulletins.bulletin",
            ),
        ),
        migrations.AddField(
            model_name="edit",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bulletin_edits",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="edit",
            constraint=models.CheckConstraint(
                condition=models.Q(("old", models.F("new")), _negated=True),
                name="bulletin_edit_changes",
            ),
        ),
    ]
