"""Fields of the forms that visitors and members fill in. Forgiving about how it is typed, plain about what is wrong.

No `maxlength` in the browser: it cuts off what is pasted without a word. Limits are sentences here.
"""

import datetime
import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum.exceptions import ValidationError as NumberError
from stdnum.no import orgnr

from core import dates
from membership import phones

OLDEST = 120  # years; nobody in Norway has been older than 114
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[./\-\s]\s*(\d{1,2})\s*[./\-\s]\s*(\d{4})")
_DIGITS = re.compile(r"(\d{2})(\d{2})(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


class LineField(forms.CharField):
    """A text on one line, at most `limit` characters long."""

    default_error_messages = {"required": gettext_lazy("This must be filled in.")}

    def __init__(self, *, limit: int, **options: Any) -> None:
        self.limit = limit
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip(" \t\u00a0")
        if _UNPRINTABLE.search(text):
            raise ValidationError(_("Write this on one line, without line breaks or tabs."), code="lines")
        if len(text) > self.limit:
            raise ValidationError(
                _("This is too long: %(count)d characters. Use at most %(limit)d."),
                params={"count": len(text), "limit": self.limit}, code="too_long",
            )  # fmt: skip
        return super().clean(text)


class EmailLine(LineField):
    """An e-mail address. The commonest slips get a sentence of their own."""

    widget = forms.EmailInput
    default_error_messages = {"invalid": gettext_lazy("This is not an e-mail address. It looks like kari@example.com.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(limit=254, **options)
        self._shape = forms.EmailField()

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return text
        if re.search(r"\s", text):
            raise ValidationError(_("An e-mail address has no spaces. Take them out."), code="spaces")
        if text.endswith((".", ",")):
            raise ValidationError(
                _("The address ends with a dot or comma. Did you mean %(address)s?"),
                params={"address": text.rstrip(".,")}, code="final_dot",
            )  # fmt: skip
        try:
            return self._shape.clean(text)
        except ValidationError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class PhoneField(LineField):
    """A telephone number, cleaned to E.164. `mobile` asks for one that can receive an SMS."""

    widget = forms.TextInput(attrs={"type": "tel"})

    def __init__(self, *, mobile: bool = False, **options: Any) -> None:
        self.mobile = mobile
        super().__init__(limit=40, **options)

    def clean(self, value: Any) -> Any:
        number = phones.to_e164(super().clean(value))
        if number and self.mobile and not phones.is_mobile(number):
            raise ValidationError(
                _("This is not a mobile number. Write a number that can get an SMS."), code="no_mobile"
            )
        return number

    def prepare_value(self, value: Any) -> Any:
        return phones.shown(value) if isinstance(value, str) and value.startswith("+") else value


class BirthDateField(LineField):
    """A date of birth in one text field: 31.12.1990, 31121990 or 1990-12-31. `on` is today, for the limits."""

    def __init__(self, *, on: date, **options: Any) -> None:
        self.on = on
        super().__init__(limit=20, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        born_on = read_date(text)
        if born_on > self.on:
            raise ValidationError(_("The date of birth is in the future. Check the year."), code="future")
        if dates.age_on(born_on, self.on) > OLDEST:
            raise ValidationError(
                _("The date of birth is more than %(years)d years ago. Check the year."),
                params={"years": OLDEST}, code="too_old",
            )  # fmt: skip
        return born_on

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%d.%m.%Y}" if isinstance(value, date) else value


def read_date(text: str) -> date:
    """Read a day as people write it. Refuses what is no day, 29 February of a common year with its own sentence."""
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _DAY_FIRST.fullmatch(text) or _DIGITS.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        raise ValidationError(_("Write day, month and year with four digits, like 31.12.1990."), code="no_date")
    try:
        return datetime.date(year, month, day)
    except ValueError:
        if (day, month) == (29, 2):
            raise ValidationError(
                _("%(year)d was not a leap year: February had 28 days. Check day and year."),
                params={"year": year}, code="no_leap_year",
            ) from None  # fmt: skip
        raise ValidationError(_("There is no such day. Write it like 31.12.1990."), code="no_such_day") from None


class OrganisationNumberField(LineField):
    """A Norwegian organisation number: nine digits, spaces tolerated, with a right check digit."""

    def __init__(self, **options: Any) -> None:
        super().__init__(limit=20, **options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return ""
        try:
            number = orgnr.validate(text)
        except NumberError:
            number = ""
        if not number.strip("0"):
            raise ValidationError(_("This is not an organisation number. Check the nine digits."), code="no_orgnr")
        return number
