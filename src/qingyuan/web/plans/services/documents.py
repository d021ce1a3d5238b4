"""The register of documents measures cite or bring forth (出台文件登记, R068, R070)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from qingyuan.casework.texts.measures import issued_documents
from qingyuan.core.problems import Problem
from qingyuan.web.accounts.models import User
from qingyuan.web.audit import services as audit
from qingyuan.web.audit.services import Actor
from qingyuan.web.plans.models import DocumentUse, IssuedDocument, Node

__all__ = ["register_document", "register_documents"]


@transaction.atomic
def register_documents(node: Node, *, by: User, at: datetime, text: str = "") -> int:
    """Enter every document the text of a node names, unconfirmed; return how many are new.

    What a person has confirmed is left alone.
    """
    fresh = 0
    for found in issued_documents(text or node.title):
        document, _ = IssuedDocument.objects.get_or_create(title=found.title[:200])
        if found.number and not document.number:
            document.number = found.number
            document.save(update_fields=["number"])
        use, made = DocumentUse.objects.get_or_create(
            node=node, document=document, defaults={"act": found.act, "by": by, "at": at}
        )
        if not made and not use.confirmed and use.act == "cited" and found.act != "cited":
            use.act = found.act
            use.save(update_fields=["act"])
        fresh += made
    return fresh


@transaction.atomic
def register_document(
    node: Node,
    *,
    title: str,
    act: str,
    number: str = "",
    issuer: str = "",
    issued_on: date | None = None,
    by: User,
    at: datetime,
) -> DocumentUse:
    """Enter or confirm one document of a measure by hand.

    Raises
    ------
    Problem
        ``plans.document_title`` for a blank title.
    """
    title = title.strip().removeprefix("《").removesuffix("》").strip()
    if not title:
        raise Problem("plans.document_title")
    document, _ = IssuedDocument.objects.get_or_create(title=title[:200])
    for name, value in (("number", number), ("issuer", issuer), ("issued_on", issued_on)):
        if value:
            setattr(document, name, value)
    document.save()
    use, _ = DocumentUse.objects.update_or_create(
        node=node, document=document, defaults={"act": act, "confirmed": True, "by": by, "at": at}
    )
    audit.record(
        actor=Actor.of(by),
        deed="plans.document",
        target=node.plan.ref,
        at=at,
        clause="青岛市巡察整改通报（2024）二 每条措施引用印发的文件；青岛市巡察整改通报（2024）一（三）",
        detail={"node": node.number, "title": title, "act": act},
    )
    return use
