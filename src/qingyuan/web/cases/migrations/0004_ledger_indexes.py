from django.db import migrations

# 台账的计数缓存先问“最近一次变动是什么时候”，须一查即得
_MADE = """
CREATE INDEX IF NOT EXISTS case_changed ON cases_case (changed_at);
"""
_GONE = "DROP INDEX IF EXISTS case_changed;"


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_ledger_views")]

    operations = [migrations.RunSQL(_MADE, _GONE)]
