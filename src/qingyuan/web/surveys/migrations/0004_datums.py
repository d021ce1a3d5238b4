from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0003_stretch_hours")]

    operations = [
        migrations.AddField(
            model_name=name,
            name="datum",
            field=models.CharField(default="CGCS2000", max_length=12, verbose_name="来源坐标基准"),
        )
        for name in ("roadnetwork", "fixfile")
    ]
