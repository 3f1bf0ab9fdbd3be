"""The joining form as a visitor meets it, a step a page. It works without JavaScript, and on an old phone.

What is written stays in the session (drafts.py); where the visitor stands is worked out from it (visits.py).
Nobody is in the registry before the mail is confirmed (confirm_views.py).
"""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.errors import Refused
from membership import applications, campaigns, postcodes, rate_limits
from membership.join_form import agreeing_forms, drafts, step_forms, summary
from membership.join_form.drafts import MOST_PEOPLE
from membership.join_form.offer import price_line
from membership.join_form.visits import Visit
from membership.models import Campaign, JoinPage

LONGEST = 20  # characters of a code or a number in a link


def serve_join_page(request: HttpRequest, page: JoinPage) -> HttpResponse:
    """Answer one request to the joining page: the step that the address names, or the first one that is open."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    step = request.GET.get("step", "type")
    if step not in _VIEWS:
        raise Http404
    visit = Visit(request, page, at=timezone.localtime())
    token = request.POST.get("token", "")
    if step == "check" and token and (answer := drafts.sent(request, token=token)):
        response: HttpResponse = HttpResponseRedirect(visit.url("sent", reference=answer["reference"]))
    elif step not in {"type", "sent"} and not visit.may_see(step):
        response = visit.go(visit.next_step)
    else:
        response = _answer(visit, step)
    add_never_cache_headers(response)
    return response


def _answer(visit: Visit, step: str) -> HttpResponse:
    """The step's page. What the rules refuse meanwhile, say a type that was changed, is told where it is chosen."""
    try:
        return _VIEWS[step](visit)
    except Refused as refused:
        messages.error(visit.request, refused.sentence)
        return visit.go("type")


def _type(visit: Visit) -> HttpResponse:
    """Which membership: it says whether they join alone, as a household or as an organisation."""
    followed, sentence = _link(visit)
    form = step_forms.TypeForm(
        visit.posted,
        types=visit.offered,
        on=visit.on,
        prices=[price_line(type_, visit.on, campaign=followed) for type_ in visit.offered],
        people=len(visit.draft.people),
        initial={
            "type": visit.draft.type_code or (visit.offered[0].code if len(visit.offered) == 1 else ""),
            "campaign": visit.request.GET.get("kampanje", visit.draft.campaign_code)[:LONGEST],
            "recruiter": visit.request.GET.get("verver", visit.draft.recruiter)[:LONGEST],
        },
        may_guess=(lambda: rate_limits.may_try_word(visit.request)) if visit.needs_word else None,
    )
    if form.is_valid():
        if visit.needs_word:
            rate_limits.word_was_right(visit.request)
        visit.draft.knows_word = True
        was_organisation = visit.is_organisation
        visit.draft.type_code = form.cleaned_data["type"].code
        visit.draft.campaign_code = form.cleaned_data.get("campaign", "")
        visit.draft.recruiter = form.cleaned_data.get("recruiter", "")
        if visit.is_organisation != was_organisation:
            visit.draft.people = []
        return visit.go(visit.next_step)
    return visit.show("type", form=form, campaign=followed, campaign_sentence=sentence)


def _link(visit: Visit) -> tuple[Campaign | None, str]:
    """The campaign whose link was followed; or why there is none, in a sentence."""
    code = visit.request.GET.get("kampanje", "")[:LONGEST]
    if not code.strip() or not campaigns.are_used():
        return None, ""
    try:
        return campaigns.find(code=code, on=visit.on), ""
    except Refused as refused:
        return None, refused.sentence


def _person(visit: Visit) -> HttpResponse:
    """One person, new or changed; or the organisation."""
    number = _number(visit)
    if number is None:
        return visit.go("people" if visit.is_household else visit.next_step)
    post = visit.request.POST
    if instead := next((type_ for type_ in visit.offered if type_.code == post.get("instead")), None):
        visit.draft.type_code = instead.code
    form = _person_form(visit, number)
    if form.is_valid():
        kind = {"kind": "organisation"} if visit.is_organisation else {}
        visit.draft.set_person(number, {**form.cleaned_data, **kind})
        return visit.go("people" if visit.is_household else visit.next_step)
    back = visit.url("people") if visit.is_household and visit.draft.people else visit.url("type")
    return visit.show("person", form=form, number=number + 1, is_first=number == 0, back=back)


def _number(visit: Visit) -> int | None:
    """Which place of the list, from 0, the address means: the next free one if it says nothing. None if impossible."""
    count = len(visit.draft.people)
    text = visit.request.GET.get("number", str(count + 1 if visit.is_household or not count else 1))
    last = min(count + 1, MOST_PEOPLE) if visit.is_household else 1
    return int(text) - 1 if text.isdecimal() and len(text) < 4 and 1 <= int(text) <= last else None


def _person_form(visit: Visit, number: int) -> step_forms.OrganisationForm | step_forms.PersonForm:
    initial = visit.draft.initial(number)
    if visit.is_organisation:
        return step_forms.OrganisationForm(visit.posted, initial=initial)
    return step_forms.PersonForm(
        visit.posted,
        initial=initial,
        asked=visit.asked,
        on=visit.on,
        others=[person for place, person in enumerate(visit.draft.persons) if place != number],
        is_first=number == 0,
        type=visit.type_of(number),
        offered=visit.offered,
    )


def _people(visit: Visit) -> HttpResponse:
    """The household so far: take away, change, add another, or go on."""
    draft, post = visit.draft, visit.request.POST
    if visit.request.method == "POST":
        place = post.get("remove", "")
        if place.isdecimal() and len(place) < 4 and 1 <= int(place) <= len(draft.people):
            removed = draft.persons[int(place) - 1]
            del draft.people[int(place) - 1]
            drafts.keep(visit.request, draft)
            if draft.people:
                return visit.show("people", removed=removed.full_name, back=visit.url("type"), **summary.people(visit))
        return visit.go(visit.next_step)
    return visit.show("people", back=visit.url("type"), **summary.people(visit))


def _guardian(visit: Visit) -> HttpResponse:
    """Whom we ask about a child that joins without an adult."""
    form = agreeing_forms.GuardianForm(visit.posted, initial=visit.draft.guardian)
    if form.is_valid():
        visit.draft.guardian = form.cleaned_data
        return visit.go(visit.next_step)
    children = [child.full_name for child in agreeing_forms.under_15(visit.draft.persons, visit.on)]
    return visit.show("guardian", form=form, children=children, back=visit.before("guardian"))


def _address(visit: Visit) -> HttpResponse:
    """Where they live, once for everybody."""
    form = step_forms.AddressForm(
        visit.posted, initial=visit.draft.address, asked=visit.asked, place_url=reverse("postcode_place")
    )
    if form.is_valid():
        visit.draft.address = form.cleaned_data
        return visit.go(visit.next_step)
    return visit.show("address", form=form, back=visit.before("address"))


def _consents(visit: Visit) -> HttpResponse:
    """What they agree to, in the exact words that are kept with it."""
    agreed = {(text.purpose, text.channel) for text in visit.agreed_texts}
    form = agreeing_forms.ConsentForm(visit.posted, texts=visit.consent_texts)
    form.initial = {name: (text.purpose, text.channel) in agreed for name, text in form.texts.items()}
    if form.is_valid():
        visit.draft.agreed = [text.pk for name, text in form.texts.items() if form.cleaned_data[name]]
        return visit.go(visit.next_step)
    return visit.show("consents", form=form, back=visit.before("consents"))


def _check(visit: Visit) -> HttpResponse:
    """Everything once more, with the price and its reasons; the button sends it."""
    form = agreeing_forms.SendForm(visit.posted)
    status = 200
    if form.is_valid():
        try:
            return _send(visit)
        except Refused as refused:
            form.add_error(None, refused)
            status = 429 if refused.code == "too_many" else 200
    return visit.show("check", form=form, status=status, **summary.everything(visit))


def _send(visit: Visit) -> HttpResponse:
    """Send the form in, once. Refuses what a machine does, and keeps what is written."""
    _refuse_wrong_age_of_form(visit)
    if not rate_limits.may_send_form(visit.request):
        raise Refused(
            _("Very many forms come from your network. Nothing is lost: wait an hour and press the button again."),
            code="too_many",
        )
    assert visit.type is not None
    application = applications.apply(
        token=UUID(visit.draft.token),
        people=visit.people,
        wanted_type=visit.type,
        consents=visit.consents_given,
        language=visit.language,
        at=visit.at,
        campaign=visit.campaign,
        recruiter_number=visit.draft.recruiter,
    )
    answer = {"reference": application.reference, "email": application.email,
              "total": str(summary.total_of(visit))}  # fmt: skip
    drafts.remember_sent(visit.request, token=visit.draft.token, answer=answer)
    return HttpResponseRedirect(visit.url("sent", reference=application.reference))


def _refuse_wrong_age_of_form(visit: Visit) -> None:
    """Faster than anybody can write is a machine; a day old is something to look through again."""
    least = timedelta(seconds=settings.JOIN_FORM_LEAST_SECONDS)
    age = visit.draft.age(visit.at)
    if age < least:
        raise Refused(_("That was very fast. Wait a moment, and press the button again."), code="too_fast")
    if age > drafts.TOO_OLD:
        visit.draft.started_at = (visit.at - least).isoformat()
        drafts.keep(visit.request, visit.draft)
        raise Refused(
            _("The form has been open for more than a day. Look through it once more, and press the button again."),
            code="too_old",
        )


def _sent(visit: Visit) -> HttpResponse:
    """The answer: the same for everybody, whether we know the address or not."""
    answer = drafts.sent(visit.request, reference=visit.request.GET.get("reference", ""))
    if answer is None:
        return HttpResponseRedirect(visit.url("type"))
    return visit.show(
        "sent",
        answer=answer,
        total=summary.price(Decimal(answer["total"])),
        days=applications.CONFIRM_WITHIN.days,
        needs_approval=settings.CLIENT.membership.approval,
    )


_VIEWS = {
    "type": _type,
    "person": _person,
    "people": _people,
    "guardian": _guardian,
    "address": _address,
    "consents": _consents,
    "check": _check,
    "sent": _sent,
}


@require_safe
def place_of_postcode(request: HttpRequest) -> JsonResponse:
    """The place of a Norwegian postcode, for the form's small script: {"place": "OSLO"}, or "" if we do not know it."""
    return JsonResponse({"place": postcodes.place_of(request.GET.get("postcode", ""))})
