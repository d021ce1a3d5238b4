import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("bulletins", "0002_bulletin_periods"),
    ]

    operations = [
        migrations.CreateModel(
            name="Step",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        choices=[
                            ("draft", "拟稿"),
                            ("review", "审核"),
                            ("sign", "签发"),
                            ("publish", "发布"),
                            ("return", "退回"),
                            ("withdraw", "撤回"),
                            ("correct", "更正"),
                        ],
                        max_length=12,
                        verbose_name="步骤",
                    ),
                ),
                ("by_label", models.CharField(max_length=120, verbose_name="办理人")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("note", models.CharField(blank=True, max_length=400, verbose_name="意见")),
            ],
        ),
        migrations.AddField(
            model_name="step",
            name="bulletin",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="steps",
                to="bulletins.bulletin",
            ),
        ),
        migrations.AddField(
            model_name="step",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bulletin_steps",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
