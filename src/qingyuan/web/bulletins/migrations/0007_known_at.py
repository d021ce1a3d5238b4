from django.db import migrations, models
from django.db.models import F


def as_composed(apps, schema_editor):
    """What was composed before this was recorded knew what had come by then."""
    apps.get_model("bulletins", "Bulletin").objects.update(known_at=F("composed_at"))


class Migration(migrations.Migration):
    dependencies = [("bulletins", "0006_register_row")]

    operations = [
        migrations.AddField(
            model_name="bulletin",
            name="known_at",
            field=models.DateTimeField(null=True, verbose_name="所知截至"),
        ),
        migrations.RunPython(as_composed, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="bulletin",
            name="known_at",
            field=models.DateTimeField(verbose_name="所知截至"),
        ),
    ]
