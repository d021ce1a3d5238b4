"""The period a plan was last reminded for (催报)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_plans")]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="reminded_for",
            field=models.CharField(
                blank=True, default="", max_length=10, verbose_name="已催报周期"
            ),
            preserve_default=False,
        ),
    ]
