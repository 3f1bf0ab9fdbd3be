"""Doing one thing with everybody on the list one is looking at: the form, how many, yes, and how it goes."""

from typing import Any, cast

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.models import ModelLogEntry

from core.errors import Refused
from core.models import User
from membership import bulk, scope, tasks
from membership.bulk import BulkVerb
from membership.models import BulkRun, Member
from membership.office import last_list
from membership.office.registry_views import RegistryView

NAMES_SHOWN = 10
REFUSED_SHOWN = 500


class BulkView(RegistryView):
    """The form of one verb, then who and how many, then yes. The list is the registry's, searched and filtered."""

    verb: BulkVerb
    is_the_list = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        verb = bulk.verb_called(kwargs.pop("verb"))
        if verb is None:
            raise Http404
        if not verb.is_for(request.user):
            return render(request, "403.html", status=403)
        self.verb = verb
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._page(self._form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(form)
        members = self.get_queryset()
        typed = request.POST.get("confirmed")
        if typed is None or typed.strip() != str(members.count()):
            return self._page(form, is_second_step=True, typed=typed)
        try:
            with transaction.atomic():
                run = bulk.start(
                    verb=self.verb, answers=request.POST, members=members, at=timezone.now(),
                    by=cast("User", request.user),
                )  # fmt: skip
                transaction.on_commit(lambda: tasks.carry_on_with_list.enqueue(run.pk))
        except Refused as refusal:
            messages.warning(request, refusal.sentence)
            return redirect(self._list_url())
        return redirect("members:bulk_run", run.pk)

    def _form(self, data: QueryDict | None = None) -> forms.Form:
        form = self.verb.form_class(data)
        scope.narrow_form(form, self.request.user)
        return form

    def _list_url(self) -> str:
        return f"{reverse('members:index')}?{self.request.GET.urlencode()}"

    def _page(self, form: forms.Form, *, is_second_step: bool = False, typed: str | None = None) -> HttpResponse:
        members = self.get_queryset()
        count = members.count()
        context = {
            "form": form,
            "media": form.media,
            "verb": self.verb,
            "count": count,
            "names": [member.full_name for member in members[:NAMES_SHOWN]],
            "more": max(0, count - NAMES_SHOWN),
            "is_second_step": is_second_step,
            "typed": typed,
            "is_whole_registry": not self.is_filtering and not self.is_searching,
            "back_url": self._list_url(),
            "header_title": self.verb.label,
            "header_icon": self.verb.icon,
            "breadcrumbs_items": [
                *self.breadcrumbs_items,
                {"url": self._list_url(), "label": _("Registry")},
                {"url": "", "label": self.verb.label},
            ],
        }
        return render(self.request, "membership/office/bulk.html", context)


class BulkRunView(RegistryView):
    """How it goes, and how it went. Shown to those who may do it; whoever sees it may stop it."""

    is_the_list = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        run = get_object_or_404(BulkRun.objects.select_related("asked_by"), pk=kwargs.pop("pk"))
        verb = bulk.verb_called(run.verb)
        if verb is None or not verb.is_for(request.user):
            return render(request, "403.html", status=403)
        if not scope.sees_every_branch(request.user) and run.asked_by_id != request.user.pk:
            raise Http404
        self.run, self.verb = run, verb
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = Member.objects.in_bulk([row["member"] for row in self.run.refused[:REFUSED_SHOWN]])
        context = {
            "run": self.run,
            "verb": self.verb,
            "refused": [(found.get(row["member"]), row["why"]) for row in self.run.refused[:REFUSED_SHOWN]],
            "hidden": max(0, len(self.run.refused) - REFUSED_SHOWN),
            "history": ModelLogEntry.objects.for_instance(self.run).select_related("user"),
            "is_running": self.run.state == BulkRun.State.RUNNING,
            "header_title": self.verb.label,
            "header_icon": self.verb.icon,
            "back_url": last_list.address(request),
            "breadcrumbs_items": [
                *self.breadcrumbs_items,
                {"url": last_list.address(request), "label": _("Registry")},
                {"url": "", "label": self.verb.label},
            ],
        }
        return render(request, "membership/office/bulk_run.html", context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if bulk.stop(run=self.run, at=timezone.now(), by=cast("User", request.user)):
            messages.success(request, _("Stopped. What was done before stays done."))
        return redirect("members:bulk_run", self.run.pk)
