"""The registry: every member on one list, found by any fragment, filtered by status on a date."""

from datetime import date
from functools import cached_property
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BaseColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button

from core.models import User
from membership import scope
from membership.bulk import bulk_verbs
from membership.fields import may_see_office_fields
from membership.models import Member, SavedList
from membership.models.member_queries import MemberQuerySet
from membership.office import last_list
from membership.office.columns import ListColumn, chosen, offered, with_what_is_needed
from membership.office.registry_filter_views import RegistryFilters
from membership.status import Status, status_of


class RegistryColumn(Column):
    """A cell of its own template, which gets the member as `instance`."""

    def __init__(self, name: str, *, template: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.cell_template_name = f"membership/office/cells/{template}.html"


class StatusColumn(RegistryColumn):
    """The status on the list's date as a tag, with its sentence for those who point at it."""

    def __init__(self, *, on: date) -> None:
        super().__init__("status", template="status", label=_("Status"))
        self.on = on

    def get_value(self, instance: Member) -> Status:
        return status_of(member=instance, on=self.on)


class RegistryView(generic.IndexView):
    """The office's list of everybody in the registry, by name in the Norwegian order, 50 a page."""

    model = Member
    page_title = _("Registry")
    add_item_label = _("Register a member")
    results_template_name = "membership/office/registry_results.html"
    any_permission_required = ["view"]
    default_ordering = "name"
    filterset_class = RegistryFilters
    verbose_name_plural = _("members")
    is_searchable = True
    table_classname = "listing office-people-list"  # on a telephone each member is a block of its own
    is_the_list = True  # what the browser comes back to; not so for what is done with the list

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.is_export = False  # Wagtail's own ?export= asks for no right and no purpose

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if self.is_the_list:
            last_list.remember(request, response)
        return response

    @cached_property
    def on(self) -> date:
        """The day that status and type are shown for."""
        filters = self.filters
        return filters.day if filters and filters.is_valid() else timezone.localdate()

    @cached_property
    def chosen(self) -> list[ListColumn]:
        """The columns this list shows."""
        filters = self.filters
        keys = filters.chosen_columns if filters and filters.is_valid() else []
        user = self.request.user
        return chosen(
            keys, with_office_fields=may_see_office_fields(user), with_other_branches=scope.sees_every_branch(user)
        )

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return [self._shown(column) for column in self.chosen]

    def _shown(self, column: ListColumn) -> BaseColumn:
        sort_key = column.key if column.order else None
        if column.key == "name":
            title = self._get_title_column_class(RegistryColumn)
            return title("name", template="name", label=column.heading, sort_key=sort_key, accessor="full_name")
        if column.key == "status":
            return StatusColumn(on=self.on)

        def value(member: Member) -> Any:
            return column.value(member, status_of(member=member, on=self.on))

        template = column.cell or "labelled"
        return RegistryColumn(column.key, template=template, label=column.heading, sort_key=sort_key, accessor=value)

    def get_base_queryset(self) -> QuerySet[Member]:
        return with_what_is_needed(scope.visible_to(self.request.user, Member.objects.all()), self.chosen)

    def search_queryset(self, queryset: MemberQuerySet) -> MemberQuerySet:
        """Our own search: any fragment of name, number, e-mail, phone or address, in any alphabet."""
        return queryset.found_by(self.search_query) if self.is_searching else queryset

    def order_queryset(self, queryset: MemberQuerySet) -> MemberQuerySet:
        order = offered(with_office_fields=True)[self.ordering.removeprefix("-")].order
        return queryset.order_by(*order) if self.ordering[0] != "-" else queryset.order_by(*order).reverse()

    @cached_property
    def active_filters(self) -> list[Any]:
        """Which columns are shown takes nobody off the list."""
        return [shown for shown in super().active_filters if not shown.auto_id.startswith("id_columns")]

    def get_edit_url(self, instance: Member) -> str | None:
        """Edit stays a second step in the row's menu: a name opens the member's page."""
        if not self.user_has_permission("change"):
            return None
        return reverse(self.edit_url_name, args=[instance.pk])

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        asked = self.request.GET.urlencode()
        buttons = [
            Button(_("Save this list"), url=f"{reverse('members:save_list')}?{asked}", icon_name="pin", priority=80)
        ]
        if self.user_has_permission("export"):
            buttons.append(Button(
                _("Export this list"), url=f"{reverse('members:export')}?{asked}", icon_name="download", priority=90
            ))  # fmt: skip
        for number, verb in enumerate(bulk_verbs(user=self.request.user)):
            address = f"{reverse('members:bulk', args=[verb.key])}?{asked}"
            buttons.append(Button(verb.label, url=address, icon_name=verb.icon, priority=100 + number))
        return buttons

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        context["on"] = self.on
        context["is_today"] = self.on == timezone.localdate()
        context["saved_lists"] = SavedList.objects.seen_by(cast("User", self.request.user))
        return context
