import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("cases", "0002_parts_links")]

    operations = [
        migrations.CreateModel(
            name="CaseStay",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stay",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                ("changed_at", models.DateTimeField(verbose_name="案件变动时间")),
                ("made_at", models.DateTimeField(verbose_name="整理时间")),
                ("discover", models.PositiveIntegerField(null=True, verbose_name="发现")),
                ("handle", models.PositiveIntegerField(null=True, verbose_name="处理")),
                ("feedback", models.PositiveIntegerField(null=True, verbose_name="反馈")),
                ("phase", models.CharField(max_length=12, verbose_name="现阶段")),
                ("since", models.DateTimeField(verbose_name="现阶段起")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("phase__in", ["discover", "handle", "feedback"])),
                        name="stay_phase",
                    )
                ],
            },
        ),
    ]
