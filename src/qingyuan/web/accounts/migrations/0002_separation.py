"""The database itself keeps business, enterprise and the three administrators apart (三权分立)."""

from django.db import migrations

_KEEP_APART = """
CREATE FUNCTION accounts_keep_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM accounts_user WHERE id = NEW.user_id FOR UPDATE;
    IF EXISTS (
        SELECT 1 FROM accounts_rolegrant g
        WHERE g.user_id = NEW.user_id AND g.id <> NEW.id AND g.separation <> NEW.separation
          AND daterange(g.valid_from, g.valid_to, '[]') && daterange(NEW.valid_from, NEW.valid_to, '[]')
    ) THEN
        RAISE EXCEPTION 'roles of different separation classes (角色分离) for user %', NEW.user_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_rolegrant_apart BEFORE INSERT OR UPDATE ON accounts_rolegrant
    FOR EACH ROW WHEN (NEW.valid_to IS NULL OR NEW.valid_to >= NEW.valid_from)
    EXECUTE FUNCTION accounts_keep_apart();
"""
_DROP = """
DROP TRIGGER accounts_rolegrant_apart ON accounts_rolegrant;
DROP FUNCTION accounts_keep_apart();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_accounts")]
    operations = [migrations.RunSQL(_KEEP_APART, _DROP)]
