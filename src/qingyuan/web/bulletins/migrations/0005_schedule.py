from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bulletins", "0004_edit"),
    ]

    operations = [
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=16, unique=True, verbose_name="种类")),
                ("on", models.BooleanField(default=True, verbose_name="自动编写")),
                ("hour", models.PositiveSmallIntegerField(default=9, verbose_name="时")),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="星期"),
                ),
                (
                    "monthday",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="日"),
                ),
                ("changed_by", models.CharField(max_length=120, verbose_name="修改人")),
                ("changed_at", models.DateTimeField(verbose_name="修改时间")),
            ],
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("hour__lte", 23)), name="bulletin_schedule_hour"
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("weekday", None), ("weekday__range", (1, 7)), _connector="OR"),
                name="bulletin_schedule_weekday",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("monthday", None), ("monthday__range", (1, 28)), _connector="OR"
                ),
                name="bulletin_schedule_monthday",
            ),
        ),
    ]
