"""The import's forms: the file, what its columns are, and what its words for types mean."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from membership.imports.runs import TypeWord
from membership.models import ImportPreset, ImportRun, MembershipType


class FileForm(forms.Form):
    """The file to import, and what is remembered of its sort."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or XLSX with a line of headings, as old registers and spreadsheets export it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx,text/csv"}),
    )
    preset = forms.ModelChoiceField(
        label=gettext_lazy("Columns as in"), queryset=ImportPreset.objects.all(), required=False,
        empty_label=gettext_lazy("Guess from the headings"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ImportPreset.objects.exists():
            del self.fields["preset"]


class ColumnsForm(forms.Form):
    """One choice for each column of the file."""

    remember_as = forms.CharField(
        label=gettext_lazy("Remember these columns as"), max_length=80, required=False,
        help_text=gettext_lazy("A name for the next file of this sort. Empty: remember nothing."),
    )  # fmt: skip

    def __init__(
        self, run: ImportRun, may_be: Mapping[str, str | Promise], samples: Sequence[Sequence[str]], *args: Any,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        choices = [("", _("leave out")), *((name, capfirst(str(label))) for name, label in may_be.items())]
        is_now = {position: name for name, position in run.columns.items()}
        for position, heading in enumerate(run.headings):
            self.fields[f"column_{position}"] = forms.ChoiceField(
                label=heading or _("Column %(number)s") % {"number": position + 1}, choices=choices, required=False,
                initial=is_now.get(position, ""), help_text=", ".join(text[:40] for text in samples[position]),
            )  # fmt: skip
        self.fields["remember_as"].initial = run.preset.name if run.preset else ""
        self.order_fields([*(name for name in self.fields if name != "remember_as"), "remember_as"])

    def clean(self) -> dict[str, Any]:
        """Refuse two columns that are to be the same."""
        cleaned = super().clean() or self.cleaned_data
        seen: dict[str, str] = {}
        for name, value in list(cleaned.items()):
            if not name.startswith("column_") or not value:
                continue
            if value in seen:
                other = self.fields[seen[value]].label
                self.add_error(name, ValidationError(_("“%(other)s” is this already. Leave one of them out."),
                                                     params={"other": other}))  # fmt: skip
            seen.setdefault(value, name)
        return cleaned

    def chosen(self) -> dict[str, int]:
        """The fields and the positions of their columns."""
        columns = ((name, value) for name, value in self.cleaned_data.items() if name.startswith("column_") and value)
        return {value: int(name.removeprefix("column_")) for name, value in columns}


class TypesForm(forms.Form):
    """One choice for each word the file has for a membership type."""

    def __init__(self, words: Sequence[TypeWord], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Choose a type")), *((t.code, f"{t.code} – {t.name}") for t in MembershipType.objects.all())]
        self.words = {f"type_{number}": word.word for number, word in enumerate(words)}
        for (name, word), row in zip(self.words.items(), words, strict=True):
            self.fields[name] = forms.ChoiceField(
                label=ngettext("“%(word)s” in %(number)s row is", "“%(word)s” in %(number)s rows is", row.rows)
                % {"word": word, "number": row.rows},
                choices=choices, initial=row.code, error_messages={"required": _("Choose which of your types it is.")},
            )  # fmt: skip

    def chosen(self) -> dict[str, str]:
        """The file's words and the codes chosen."""
        return {word: self.cleaned_data[name] for name, word in self.words.items()}
