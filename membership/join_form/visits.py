"""Where a visitor stands in the joining form: which steps there are for these people, and which is next."""

from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from membership import campaigns, consents, joining
from membership.consents import ConsentGiven
from membership.join_form import agreeing_forms, drafts, step_forms
from membership.join_form.offer import offered_types
from membership.join_form.step_forms import Asked
from membership.joining import PersonData
from membership.models import Campaign, ConsentText, JoinPage, MembershipType


class Visit:
    """One request to the joining form: the page with its switches, and what the visitor has written so far."""

    def __init__(self, request: HttpRequest, page: JoinPage, *, at: datetime) -> None:
        self.request, self.page, self.at = request, page, at
        self.draft = drafts.find(request, at=at)

    @property
    def posted(self) -> QueryDict | None:
        """What was sent, for a form; none when the page is only looked at."""
        return self.request.POST if self.request.method == "POST" else None

    @property
    def on(self) -> date:
        return self.at.date()

    @property
    def language(self) -> str:
        return (get_language() or "nb")[:2]

    @cached_property
    def offered(self) -> list[MembershipType]:
        return offered_types(self.page)

    @cached_property
    def asked(self) -> Asked:
        return step_forms.asked_on(self.page)

    @cached_property
    def consent_texts(self) -> list[ConsentText]:
        return consents.texts(language=self.language, on=self.on)

    @property
    def type(self) -> MembershipType | None:
        """The chosen type, as long as it is on offer."""
        return next((type_ for type_ in self.offered if type_.code == self.draft.type_code), None)

    @cached_property
    def campaign(self) -> Campaign | None:
        """The campaign whose code was given. Refuses one that has ended meanwhile, or is not for the chosen type."""
        code = self.draft.campaign_code if campaigns.are_used() else ""
        return campaigns.find(code=code, on=self.on, type=self.type) if code else None

    @property
    def is_household(self) -> bool:
        return self.type is not None and self.type.kind == MembershipType.Kind.HOUSEHOLD_MAIN

    @property
    def is_organisation(self) -> bool:
        return self.type is not None and self.type.is_for_organisations

    def type_of(self, number: int) -> MembershipType:
        """The type of the person in that place of the list, from 0."""
        assert self.type is not None
        return joining.types_for(wanted_type=self.type, people_count=number + 1)[number]

    # --- the steps ---------------------------------------------------------------------------------------------------

    @property
    def steps(self) -> list[str]:
        """The steps of this form, in order."""
        applies = {
            "people": self.is_household,
            "guardian": self.needs_guardian,
            "address": bool(self.asked.address),
            "consents": bool(self.consent_texts),
        }
        every = ("type", "person", "people", "guardian", "address", "consents", "check")
        return [step for step in every if applies.get(step, True)]

    @property
    def needs_guardian(self) -> bool:
        """Somebody is under 15, and no adult is on the list."""
        people = self.draft.persons
        return bool(agreeing_forms.under_15(people, self.on)) and not agreeing_forms.has_adult(people, self.on)

    @property
    def needs_word(self) -> bool:
        """Whether the organisation's secret word is still to be given."""
        return bool(settings.CLIENT.membership.secret_word) and not self.draft.knows_word

    def is_done(self, step: str) -> bool:
        """Whether what a step asks for is there."""
        draft = self.draft
        match step:
            case "type":
                return self.type is not None and not self.needs_word
            case "person":
                return bool(draft.people) and not self.missing_of_the_first
            case "guardian":
                return bool(draft.guardian)
            case "address":
                return bool(draft.address)
            case "consents":
                return draft.agreed is not None and self._has_agreed_to_all_required
        return step == "people"

    @property
    def missing_of_the_first(self) -> list[str]:
        """What the first on the list must have and lacks: somebody else was first before, and has been taken away."""
        needed = {"email"} if self.is_organisation else set(self.asked.required) & set(step_forms.OF_THE_FIRST_ONLY)
        return sorted(name for name in needed if not self.draft.people[0].get(name))

    @property
    def _has_agreed_to_all_required(self) -> bool:
        agreed = {(text.purpose, text.channel) for text in self.agreed_texts}
        return agreed >= {(text.purpose, text.channel) for text in self.consent_texts if text.is_required}

    @property
    def agreed_texts(self) -> list[ConsentText]:
        """The texts that were ticked, in the words and language they were read in."""
        known = {text.pk: text for text in self.consent_texts}
        if missing := set(self.draft.agreed or []) - set(known):  # read in another language, or an earlier version
            known |= ConsentText.objects.in_bulk(missing)
        return [known[pk] for pk in self.draft.agreed or [] if pk in known]

    @property
    def next_step(self) -> str:
        """The first step that still wants something."""
        return next(step for step in self.steps if not self.is_done(step))

    def may_see(self, step: str) -> bool:
        """Whether everything before the step is there."""
        return step in self.steps and all(self.is_done(earlier) for earlier in self.steps[: self.steps.index(step)])

    def before(self, step: str) -> str:
        """The step that the back link leads to."""
        steps = self.steps
        previous = steps[steps.index(step) - 1]
        return self.url("people" if previous == "person" and self.is_household and self.draft.people else previous)

    # --- addresses and answers ---------------------------------------------------------------------------------------

    def url(self, step: str, **query: Any) -> str:
        """The address of a step."""
        address = self.page.get_url(self.request) or self.request.path
        if step == "type":
            return address
        if step == "person" and self.draft.people and "number" not in query and not self.is_household:
            query["number"] = 1
        return f"{address}?{urlencode({'step': step, **query})}"

    def go(self, step: str, **query: Any) -> HttpResponse:
        """Remember what is written, and send the visitor to a step."""
        drafts.keep(self.request, self.draft)
        if step == "person" and self.draft.people and self.missing_of_the_first:
            query.setdefault("number", 1)
        return HttpResponseRedirect(self.url(step, **query))

    def show(self, step: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """The page of a step. It carries a signed copy of what is written."""
        everything = {
            **self.page.get_context(self.request),
            "visit": self,
            "kept": drafts.signed_copy(self.draft),
            **context,
        }
        template = "page" if step == "type" else step
        return render(self.request, f"membership/join/{template}.html", everything, status=status)

    # --- what is sent ------------------------------------------------------------------------------------------------

    @property
    def people(self) -> list[PersonData]:
        """The people as they are sent in; a child's guardian stands in the office's notes."""
        people = self.draft.persons
        if not self.needs_guardian:
            return people
        children = agreeing_forms.under_15(people, self.on)
        return [replace(p, office_notes=self._guardian_note()) if p in children else p for p in people]

    def _guardian_note(self) -> str:
        """Written in the office's language, not the visitor's."""
        guardian = self.draft.guardian
        with override(settings.LANGUAGE_CODE):
            return _("Under 15. Ask the parent or guardian: %(name)s, %(contact)s") % {
                "name": guardian["name"],
                "contact": ", ".join(value for value in (guardian["email"], guardian["mobile"]) if value),
            }

    @property
    def consents_given(self) -> list[ConsentGiven]:
        return [ConsentGiven(purpose=t.purpose, channel=t.channel, text=t) for t in self.agreed_texts]
