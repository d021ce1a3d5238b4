from django.db import migrations

# What the gateway may read of the outbox: commands that still want sending or an answer. Times are
# wall time; whoever holds the connection of the MN sends.
_MAKE = """
CREATE VIEW gateway_outbox AS
SELECT id, mn, cn, st, parameters, flag, created_at, expires_at
FROM monitoring_devicecommand
WHERE state IN ('queued', 'sent', 'acknowledged') AND expires_at > now()
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0002_telemetry")]

    operations = [migrations.RunSQL(_MAKE, "DROP VIEW gateway_outbox")]
