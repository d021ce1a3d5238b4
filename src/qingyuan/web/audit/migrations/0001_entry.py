"""The chain's one table, and the trigger that refuses to change or remove a row."""

from django.db import migrations, models

_REFUSE = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are append-only (审计记录只可追加)';
END $$;
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""
_ALLOW = """
DROP TRIGGER audit_entry_no_truncate ON audit_entry;
DROP TRIGGER audit_entry_append_only ON audit_entry;
DROP FUNCTION audit_refuse_change();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "seq",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="序号"),
                ),
                ("city_at", models.DateTimeField(verbose_name="城市时间")),
                ("wall_at", models.DateTimeField(verbose_name="系统时间")),
                ("actor_ref", models.CharField(max_length=64, verbose_name="行为人标识")),
                ("actor_label", models.CharField(max_length=120, verbose_name="行为人")),
                ("deed", models.CharField(max_length=64, verbose_name="行为")),
                ("target", models.CharField(blank=True, max_length=120, verbose_name="对象")),
                ("clause", models.CharField(blank=True, max_length=240, verbose_name="依据")),
                ("address", models.CharField(blank=True, max_length=64, verbose_name="来源地址")),
                ("detail", models.JSONField(default=dict, verbose_name="内容")),
                ("previous", models.CharField(max_length=64, verbose_name="上一条摘要")),
                ("digest", models.CharField(max_length=64, verbose_name="本条摘要（SM3）")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["target", "seq"], name="audit_target_seq"),
                    models.Index(fields=["actor_ref", "seq"], name="audit_actor_seq"),
                    models.Index(fields=["deed", "seq"], name="audit_deed_seq"),
                ],
            },
        ),
        migrations.RunSQL(_REFUSE, _ALLOW),
    ]
