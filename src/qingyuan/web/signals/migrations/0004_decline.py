"""A water class that got worse is a kind of signal."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0003_integrity"),
    ]

    operations = [
        migrations.AlterField(
            model_name="signal",
            name="kind",
            field=models.CharField(
                choices=[
                    ("exceedance", "超标"),
                    ("step", "突变"),
                    ("decline", "水质变差"),
                    ("silence", "无数据"),
                    ("manual", "人工上报"),
                    ("data_integrity", "数据质量"),
                ],
                max_length=16,
                verbose_name="类别",
            ),
        ),
    ]
