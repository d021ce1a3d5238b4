import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("bulletins", "0005_schedule"),
        ("registry", "0001_registry"),
    ]

    operations = [
        migrations.CreateModel(
            name="RegisterRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("register", models.CharField(max_length=16, verbose_name="登记册")),
                ("on", models.DateField(verbose_name="日期")),
                ("done_on", models.DateField(blank=True, null=True, verbose_name="完成日期")),
                ("values", models.JSONField(default=dict, verbose_name="内容")),
                ("entered_at", models.DateTimeField(verbose_name="登记时间")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="停用时间")),
            ],
        ),
        migrations.AddField(
            model_name="registerrow",
            name="district",
            field=models.ForeignKey(
                blank=True,
                db_column="district_code",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bulletin_rows",
                to="registry.district",
                to_field="code",
            ),
        ),
        migrations.AddField(
            model_name="registerrow",
            name="entered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bulletin_rows",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="registerrow",
            name="replaces",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaced_by",
                to="bulletins.registerrow",
            ),
        ),
        migrations.AddIndex(
            model_name="registerrow",
            index=models.Index(fields=["register", "on"], name="bulletin_register_on"),
        ),
    ]
