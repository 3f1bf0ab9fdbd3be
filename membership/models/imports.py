"""Imports: a file somebody brought, what each of its rows would do and did, and columns remembered for the next one."""

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.long_work import LongWork


def private_storage() -> Storage:
    """Registers from files are kept apart from MEDIA; they are taken away when the import is done."""
    return storages["private"]


class ImportPreset(models.Model):
    """What a file's headings and words mean, under a name, for the next file of its sort."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    columns = models.JSONField(_("columns"), default=dict, help_text=_("Headings, and the fields they stand for."))
    types = models.JSONField(_("types"), default=dict, help_text=_("The file's words and the codes they stand for."))
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        ordering = ["name"]
        verbose_name = _("import preset")
        verbose_name_plural = _("import presets")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class ImportRun(LongWork):
    """One file on its way into the registry, and perhaps out again."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("waits for you")
        LOOKING = "looking", _("is being looked through")
        READY = "ready", _("waits for your yes")
        QUEUED = "queued", _("in progress")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        REFUSED = "refused", _("stopped")
        UNDOING = "undoing", _("is being undone")
        UNDONE = "undone", _("undone")

    UNDER_WAY = (State.LOOKING, State.QUEUED, State.UNDOING)

    name = models.CharField(_("file"), max_length=200)
    file = models.FileField(storage=private_storage, upload_to="imports/", blank=True)
    headings = models.JSONField(_("headings"), default=list)
    columns = models.JSONField(_("columns"), default=dict, help_text=_("Fields, and the positions of their columns."))
    types = models.JSONField(_("types"), default=dict, help_text=_("The file's words and the codes they stand for."))
    preset = models.ForeignKey(
        ImportPreset, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("import preset")
    )
    is_all_or_nothing = models.BooleanField(
        _("all or nothing"), default=False, help_text=_("One refused row stops the whole import.")
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.UPLOADED)
    total = models.PositiveIntegerField(_("rows"), default=0)
    so_far = models.PositiveIntegerField(_("so far"), default=0, help_text=_("Rows done of the step under way."))
    to_do = models.PositiveIntegerField(_("to do"), default=0, help_text=_("Rows of the step under way."))
    offset = models.PositiveBigIntegerField(default=0, help_text=_("How far into the file the look has come."))
    counts = models.JSONField(default=dict)
    problem = models.CharField(_("why it stopped"), max_length=500, blank=True)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("undone by")
    )

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """One row of the file: what was to become of it, and what did."""

    class Action(models.TextChoices):
        CREATE = "create", _("new")
        CHANGE = "change", _("changed")
        UNCHANGED = "unchanged", _("as it is")
        REFUSED = "refused", pgettext_lazy("row of a file", "refused")

    class Outcome(models.TextChoices):
        NONE = "", _("not done")
        DONE = "done", _("done")
        UNDONE = "undone", _("taken back")
        KEPT = "kept", _("kept")

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField(_("line"))
    name = models.CharField(_("name"), max_length=250, blank=True)
    action = models.CharField(_("action"), max_length=9, choices=Action)
    outcome = models.CharField(_("outcome"), max_length=6, choices=Outcome, default=Outcome.NONE, blank=True)
    rank = models.PositiveSmallIntegerField(default=0, help_text=_("What somebody should look at first comes first."))
    reason = models.CharField(_("why"), max_length=500, blank=True)
    warnings = models.JSONField(_("warnings"), default=list)
    data = models.JSONField(default=dict, help_text=_("The row's cells, checked and clean, until it is carried out."))
    changes = models.JSONField(_("changes"), default=dict, help_text=_("Field, and what it was and becomes."))
    household = models.CharField(max_length=40, blank=True)
    is_main = models.BooleanField(default=False)
    identity = models.CharField(max_length=64, blank=True, help_text=_("Two rows with the same are the same person."))
    by_birth = models.CharField(max_length=24, blank=True, help_text=_("Two new rows with the same may be one person."))
    by_phone = models.CharField(max_length=24, blank=True)
    by_email = models.CharField(max_length=24, blank=True)
    refers = models.JSONField(default=dict, help_text=_("Who pays, and who recruited, until they are found."))
    is_waiting = models.BooleanField(default=False, help_text=_("Whether the step under way has it still to do."))
    member = models.ForeignKey("membership.Member", models.CASCADE, null=True, blank=True, related_name="+")
    log_mark = models.PositiveBigIntegerField(
        default=0, help_text=_("The newest entry of the log when the row was done: later ones are somebody's.")
    )

    class Meta:
        ordering = ["run", "line"]
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        default_permissions = ()
        indexes = [
            models.Index(fields=["run", "rank", "line"], name="import_row_in_order"),
            models.Index(
                fields=["run", "household", "id"], condition=Q(is_waiting=True), name="import_row_still_to_do"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.line} {self.name}"
