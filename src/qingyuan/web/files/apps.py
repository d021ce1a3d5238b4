"""Django's handle on the app."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Files (文件)."""

    name = "qingyuan.web.files"
    label = "files"
    verbose_name = "文件"
    default_auto_field = "django.db.models.BigAutoField"
