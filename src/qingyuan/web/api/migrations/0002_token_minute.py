from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("api", "0001_token")]

    operations = [
        migrations.AddField(
            model_name="token",
            name="minute",
            field=models.DateTimeField(blank=True, null=True, verbose_name="计数的分钟"),
        ),
        migrations.AddField(
            model_name="token",
            name="in_minute",
            field=models.PositiveIntegerField(default=0, verbose_name="该分钟内的请求"),
        ),
    ]
