"""Outfalls may end; a city may say how its official codes look."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0002_device_terms"),
    ]

    operations = [
        migrations.AddField(
            model_name="city",
            name="outfall_code_pattern",
            field=models.CharField(blank=True, max_length=120, verbose_name="官方排污口编码格式"),
        ),
        migrations.AddField(
            model_name="outfall",
            name="ended_on",
            field=models.DateField(blank=True, null=True, verbose_name="封堵或并入日期"),
        ),
    ]
