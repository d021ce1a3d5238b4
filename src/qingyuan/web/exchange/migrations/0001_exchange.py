"""Imports, their faults, and exports."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("importer", models.CharField(db_index=True, max_length=80, verbose_name="导入项")),
                ("title_zh", models.CharField(max_length=120, verbose_name="表名")),
                ("title_en", models.CharField(blank=True, max_length=160, verbose_name="英文表名")),
                ("name", models.CharField(max_length=160, verbose_name="文件名")),
                ("size", models.BigIntegerField(verbose_name="字节数")),
                ("sm3", models.CharField(max_length=64, verbose_name="文件摘要（SM3）")),
                ("at", models.DateTimeField(verbose_name="上传时间")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "等待检查"),
                            ("checking", "正在检查"),
                            ("ready", "待确认"),
                            ("writing", "正在写入"),
                            ("done", "已导入"),
                            ("same", "无变化"),
                            ("refused", "未能读取"),
                            ("withdrawn", "已放弃"),
                            ("expired", "已过期"),
                        ],
                        db_index=True,
                        default="waiting",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("lines", models.PositiveIntegerField(default=0, verbose_name="行数（估计）")),
                ("checked", models.PositiveIntegerField(default=0, verbose_name="已检查行数")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="行数")),
                ("new", models.PositiveIntegerField(default=0, verbose_name="新增")),
                ("changed", models.PositiveIntegerField(default=0, verbose_name="变更")),
                ("same", models.PositiveIntegerField(default=0, verbose_name="相同")),
                ("wrong", models.PositiveIntegerField(default=0, verbose_name="错误行")),
                (
                    "plan_sm3",
                    models.CharField(blank=True, max_length=64, verbose_name="预览摘要（SM3）"),
                ),
                ("report", models.JSONField(default=dict, verbose_name="预览")),
                ("personal", models.BooleanField(default=False, verbose_name="含个人信息")),
                (
                    "settled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="了结时间"),
                ),
                ("result_url", models.CharField(blank=True, max_length=240, verbose_name="去处")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportFault",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.PositiveIntegerField(verbose_name="行")),
                ("cell", models.CharField(max_length=16, verbose_name="单元格")),
                ("column_zh", models.CharField(blank=True, max_length=120, verbose_name="列")),
                (
                    "column_en",
                    models.CharField(blank=True, max_length=160, verbose_name="英文列名"),
                ),
                ("value", models.CharField(blank=True, max_length=120, verbose_name="内容")),
                ("zh", models.CharField(max_length=400, verbose_name="原因")),
                ("en", models.CharField(max_length=600, verbose_name="英文原因")),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="faults",
                        to="exchange.import",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("exporter", models.CharField(max_length=80, verbose_name="导出项")),
                ("title_zh", models.CharField(max_length=120, verbose_name="表名")),
                ("title_en", models.CharField(blank=True, max_length=160, verbose_name="英文表名")),
                ("query", models.CharField(blank=True, max_length=1000, verbose_name="筛选")),
                ("form", models.CharField(max_length=8, verbose_name="格式")),
                ("language", models.CharField(default="zh", max_length=8, verbose_name="语言")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "排队中"), ("done", "已生成"), ("failed", "未能生成")],
                        default="waiting",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="行数")),
                ("at", models.DateTimeField(verbose_name="请求时间")),
                ("ready_at", models.DateTimeField(blank=True, null=True, verbose_name="生成时间")),
                (
                    "sm3",
                    models.CharField(blank=True, max_length=64, verbose_name="文件摘要（SM3）"),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["by", "-at"], name="export_by_at")],
            },
        ),
        migrations.AddIndex(
            model_name="import",
            index=models.Index(fields=["by", "-at"], name="import_by_at"),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(("size__gt", 0)), name="import_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="import",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("result_url", ""), ("result_url__startswith", "/"), _connector="OR"
                ),
                name="import_inside",
            ),
        ),
        migrations.AddIndex(
            model_name="importfault",
            index=models.Index(fields=["of", "row"], name="importfault_of_row"),
        ),
    ]
