"""Rows that point to a member, found from the models themselves: moved by a merge, put back when it is undone.

No app has to be named here, so invoices, payments and whatever a later app keeps about a member come along without the
registry knowing of them. What is moved is who a row belongs to; nothing a row says is changed, so the books stay as
they were printed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.db.models.deletion import Collector
from django.utils.translation import gettext_lazy as _
from wagtail.models import ModelLogEntry

from core.errors import Refused
from membership.models import DuplicatePair, Member
from messaging.models import Message


@dataclass
class Notes:
    """What a merge did to rows, as JSON can keep it.

    `moved`: model, key, and each column with what it was and what it is; or `made`, for a row that was not there.
    `removed`: model and columns of rows that went because the kept entry has the same.
    """

    moved: list[dict[str, Any]] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class LeftOver:
    """Something that could not be put back: which kind of row, which column, and whether the row is gone."""

    model: str
    column: str
    is_gone: bool = False


# --- values as JSON --------------------------------------------------------------------------------------------------


def stored(value: Any) -> Any:
    """A column's value as JSON keeps it without losing anything."""
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str | list | dict) else str(value)


def revived(column: "Field[Any, Any]", value: Any) -> Any:
    """The value again, as the column has it."""
    return None if value is None else column.to_python(value)


def row_of(instance: Model) -> dict[str, Any]:
    """A whole row by its columns' names."""
    return {column.attname: stored(getattr(instance, column.attname)) for column in instance._meta.concrete_fields}


# --- moving ----------------------------------------------------------------------------------------------------------


def links() -> list["ForeignKey[Any, Any]"]:
    """Every column of the database that points to a member, those of later apps and of many-to-many tables too.

    Possible duplicates are not among them: they are settled by themselves.
    """
    found = []
    for relation in Member._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            column = relation.field  # type: ignore[union-attr]
            if isinstance(column, ForeignKey) and column.model is not DuplicatePair:
                found.append(column)
    return found


def pointing(link: "ForeignKey[Any, Any]", *, to: Member, but: Member) -> QuerySet[Any]:
    """The rows that point to a member by one column; not the two that are being merged."""
    rows = link.model._base_manager.filter(**{link.name: to})
    return rows.exclude(pk__in=[to.pk, but.pk]) if link.model is Member else rows


def change(notes: Notes, rows: QuerySet[Any], **values: Any) -> None:
    """Write values into columns of some rows, and note what stood there. A link is given as a key."""
    columns = {rows.model._meta.get_field(name).attname: value for name, value in values.items()}
    for pk, *before in rows.order_by("pk").values_list("pk", *columns):
        both = {name: [stored(old), stored(new)] for (name, new), old in zip(columns.items(), before, strict=True)}
        notes.moved.append({"model": rows.model._meta.label, "pk": stored(pk), "columns": both})
    rows.update(**columns)


def move_all(notes: Notes, *, absorbed: Member, kept: Member) -> None:
    """Let everything that points to one member point to another: rows, messages, and the history.

    Where both have the same row and it may be there once (both are contact person of one organisation), one is left
    out.
    """
    for link in links():
        rows = pointing(link, to=absorbed, but=kept)
        try:
            with transaction.atomic():
                change(fresh := Notes(), rows, **{link.name: kept.pk})
            notes.moved += fresh.moved
        except IntegrityError:
            for pk in list(rows.values_list("pk", flat=True)):
                _move_one(notes, link, pk, kept)
    change(notes, Message.objects.filter(recipient_ref=absorbed.recipient_ref), recipient_ref=kept.recipient_ref)
    change(notes, _history(absorbed), object_id=str(kept.pk))


def _move_one(notes: Notes, link: "ForeignKey[Any, Any]", pk: Any, kept: Member) -> None:
    row = link.model._base_manager.filter(pk=pk)
    try:
        with transaction.atomic():
            change(fresh := Notes(), row, **{link.name: kept.pk})
        notes.moved += fresh.moved
    except IntegrityError:
        _leave_out(notes, row.get())


def _leave_out(notes: Notes, row: Model) -> None:
    """Take away a row that the kept entry has already, unless something hangs on it."""
    collector = Collector(using=row._state.db or "default", origin=row)
    collector.collect([row])
    if sum(len(rows) for rows in collector.data.values()) + len(collector.fast_deletes) > 1 or collector.field_updates:
        raise Refused(
            _("Both have the same “%(what)s”, and it cannot be left out. Remove one of them first."), code="both",
            params={"what": row._meta.verbose_name},
        )  # fmt: skip
    remove(notes, row)


def remove(notes: Notes, row: Model) -> None:
    """Delete a row and note what it said."""
    notes.removed.append({"model": row._meta.label, "row": row_of(row)})
    row.delete()


def made(notes: Notes, row: Model) -> None:
    """Note a row that there was not before."""
    notes.moved.append({"model": row._meta.label, "pk": stored(row.pk), "made": True})


def _history(member: Member) -> QuerySet[ModelLogEntry]:
    """The lines of the log about a member: they follow, so that they are seen and, one day, erased."""
    of_members = ContentType.objects.get_for_model(Member)
    return ModelLogEntry.objects.filter(content_type=of_members, object_id=str(member.pk))


# --- putting back ----------------------------------------------------------------------------------------------------


def put_back(notes: Notes) -> Iterator[LeftOver]:
    """Undo the changes, the last first. What was changed or deleted since is left, and said."""
    for entry in reversed(notes.moved):
        model = apps.get_model(entry["model"])
        rows = model._base_manager.filter(pk=entry["pk"])
        if entry.get("made"):
            rows.delete()
        elif left := _put_back(model, rows, entry["columns"]):
            yield left
    for entry in reversed(notes.removed):
        model = apps.get_model(entry["model"])
        if not bring_back(model, entry["row"]):
            yield LeftOver(model=entry["model"], column="")


def _put_back(model: type[Model], rows: QuerySet[Any], columns: dict[str, list[Any]]) -> LeftOver | None:
    label, first = model._meta.label, next(iter(columns))
    current = rows.values(*columns).first()
    if current is None:
        return LeftOver(model=label, column=first, is_gone=True)
    for name, (_was, written) in columns.items():
        if stored(current[name]) != written:
            return LeftOver(model=label, column=name)
    before = {name: revived(_column(model, name), was) for name, (was, _written) in columns.items()}
    if any(is_missing(_column(model, name), value) for name, value in before.items()):
        return LeftOver(model=label, column=first)
    try:
        with transaction.atomic():
            rows.update(**before)
    except IntegrityError:
        return LeftOver(model=label, column=first)
    return None


def bring_back(model: type[Model], columns: dict[str, Any]) -> bool:
    """Make a row again as it was, with its key; False if something it points to is gone, or its place is taken.

    A link that may be empty is left empty instead.
    """
    values = {}
    for name, value in columns.items():
        column = _column(model, name)
        values[name] = revived(column, value)
        if is_missing(column, values[name]):
            if not column.null:
                return False
            values[name] = None
    try:
        with transaction.atomic():
            model._base_manager.bulk_create([model(**values)])
    except IntegrityError:
        return False
    return True


def is_missing(column: "Field[Any, Any]", value: Any) -> bool:
    """Whether a link leads to a row that is gone."""
    if value is None or not isinstance(column, ForeignKey):
        return False
    target: type[Model] = column.related_model
    return not target._base_manager.filter(**{column.target_field.attname: value}).exists()


def _column(model: type[Model], attname: str) -> "Field[Any, Any]":
    return next(column for column in model._meta.concrete_fields if column.attname == attname)
