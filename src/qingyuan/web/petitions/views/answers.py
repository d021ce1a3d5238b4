"""What the pages of petitions share: say a problem, answer a form, keep an answer out of caches."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render

from qingyuan.core.problems import Problem
from qingyuan.web.petitions import selectors
from qingyuan.web.petitions.models import Petition

__all__ = ["found_petition", "private", "say", "through"]


def say(request: HttpRequest, problem: Problem) -> str:
    """Return a problem's sentence in the reader's language."""
    return problem.en if request.LANGUAGE_CODE == "en" else problem.zh


def private(answer: HttpResponse) -> HttpResponse:
    """Keep an answer with personal data out of every cache."""
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def found_petition(request: HttpRequest, number: str) -> Petition:
    """Return the petition of a case one may see; 404 otherwise."""
    return get_object_or_404(selectors.petitions(request.scope), case__number=number)


def through(
    request: HttpRequest,
    template: str,
    form: forms.Form,
    deed: Callable[[], object],
    *,
    then: str,
    **context: object,
) -> HttpResponse:
    """Show a form; do what it says when it is whole; tell what was refused on the same page."""
    if request.method == "POST" and form.is_valid():
        try:
            deed()
        except Problem as problem:
            form.add_error(None, say(request, problem))
        else:
            return HttpResponseRedirect(then)
    status = 422 if request.method == "POST" else 200
    return private(render(request, template, {"form": form, **context}, status=status))
