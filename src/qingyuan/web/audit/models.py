"""One table: the entries of the chain (审计记录). The database refuses to change or remove a row."""

from django.db import models

__all__ = ["Entry"]


class Entry(models.Model):
    """One deed, as it was done (审计记录)."""

    seq = models.BigIntegerField("序号", primary_key=True)
    city_at = models.DateTimeField("城市时间")
    wall_at = models.DateTimeField("系统时间")
    actor_ref = models.CharField("行为人标识", max_length=64)
    actor_label = models.CharField("行为人", max_length=120)
    deed = models.CharField("行为", max_length=64)
    target = models.CharField("对象", max_length=120, blank=True)
    clause = models.CharField("依据", max_length=240, blank=True)
    address = models.CharField("来源地址", max_length=64, blank=True)
    detail = models.JSONField("内容", default=dict)
    previous = models.CharField("上一条摘要", max_length=64)
    digest = models.CharField("本条摘要（SM3）", max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["target", "seq"], name="audit_target_seq"),
            models.Index(fields=["actor_ref", "seq"], name="audit_actor_seq"),
            models.Index(fields=["deed", "seq"], name="audit_deed_seq"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.deed} {self.target}"
