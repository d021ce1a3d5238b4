"""Addresses of plans."""

from django.urls import path

from qingyuan.web.plans.views import dispatch, node, plan

urlpatterns = [
    path("plans/", plan.plans, name="plans"),
    path("plans/new/", plan.make, name="plan-new"),
    path("plans/tasks/", dispatch.tasks, name="plan-tasks"),
    path("plans/leaders/", dispatch.leaders, name="plan-leaders"),
    path("plans/leaders/<str:username>/", dispatch.leader, name="plan-leader"),
    path("plans/papers/<slug:number>/<str:name>", dispatch.paper_file, name="plan-paper"),
    path("plans/tasks/<int:pk>/", node.node, name="plan-node"),
    path("plans/tasks/<int:pk>/revise/", node.revise, name="plan-node-revise"),
    path("plans/tasks/<int:pk>/report/", node.report, name="plan-node-report"),
    path("plans/tasks/<int:pk>/launch/", node.launch, name="plan-node-launch"),
    path("plans/tasks/<int:pk>/document/", node.document, name="plan-node-document"),
    path("plans/tasks/<int:pk>/account/", node.account, name="plan-node-account"),
    path("plans/tasks/<int:pk>/evaluate/", node.evaluate, name="plan-node-evaluate"),
    path("plans/<slug:code>/", plan.plan, name="plan"),
    path("plans/<slug:code>/phases/", plan.phases, name="plan-phases"),
    path("plans/<slug:code>/text/", plan.text, name="plan-text"),
    path("plans/<slug:code>/add/", plan.add, name="plan-add"),
    path("plans/<slug:code>/confirm/", plan.confirm, name="plan-confirm"),
    path("plans/<slug:code>/launch/", plan.launch, name="plan-launch"),
    path("plans/<slug:code>/missing/", dispatch.missing, name="plan-missing"),
    path("plans/<slug:code>/dispatch/", dispatch.table, name="plan-dispatch"),
    path("plans/<slug:code>/evaluation/", dispatch.evaluation, name="plan-evaluation"),
    path("plans/<slug:code>/indicators/", dispatch.indicators, name="plan-indicators"),
    path("plans/<slug:code>/papers/", dispatch.write, name="plan-papers"),
]
