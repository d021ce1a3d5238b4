from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0002_network_repairs")]

    operations = [
        migrations.AddField(
            model_name="stretchday",
            name="hours",
            field=models.JSONField(null=True, verbose_name="逐时"),
        ),
    ]
