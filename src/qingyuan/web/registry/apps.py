"""Django's handle on the app."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Registry (基础档案)."""

    name = "qingyuan.web.registry"
    label = "registry"
    verbose_name = "基础档案"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell exchange what the registry brings and takes."""
        from qingyuan.web.registry.exchange import register_tables

        register_tables()
