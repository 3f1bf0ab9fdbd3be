"""The two kinds of failure a user may meet, both as sentences with the next step."""

from django.core.exceptions import ValidationError


class Refused(ValidationError):
    """A story function will not do it. The sentence says why and what to do instead; nothing has been written.

    A `ValidationError`, so that forms show it beside what was typed: `Refused(_("…"), code="already_member")`.
    Named values go in `params`, never into the sentence before translation.
    """

    @property
    def sentence(self) -> str:
        """The whole refusal as one text, for commands and messages."""
        return " ".join(self.messages)


class BackendError(Exception):
    """An outside service failed. `permanent` says whether trying again can help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent
