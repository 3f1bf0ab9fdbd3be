"""Who may do what: every kind of address, by every role, by GET and POST.

A table with a line an address and a column a role. 302 in the office means: led away (Wagtail's way of saying no); 404
means that there is nothing there for this reader. POSTs are empty: where one is allowed the form comes back (200, or
422). 503 is an invoice whose PDF is still being made.
"""

from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.test import Client

from core.models import User
from home import set_up as home_set_up
from home.models import HomePage
from invoicing.models import InvoiceRun, PrintFile
from membership import duplicates, invitations, merging, roles, seats
from membership.imports import runs
from membership.models import Application, ConsentText, MembershipType, VoterRoll
from payments.models import PaymentPlan, ProviderPayment, ReminderRun
from tests.makers import NOW, TODAY, make_household, make_invoice, make_non_member, make_type, make_user, set_up_client
from tests.membership.household_makers import make_company

pytestmark = [
    pytest.mark.django_db,
    # Wagtail leaves the files of scaled pictures open.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ROLES = (
    "nobody", "a log-in", roles.MEMBERS, roles.EDITORS, roles.MEMBER_ADMINS, roles.TREASURERS, roles.AUDITORS,
    roles.BRANCH_OFFICERS, roles.ADMINISTRATORS,
)  # fmt: skip

# address: nobody, a log-in, member, editor, member admin, treasurer, auditor, branch officer, administrator
TABLE = """
# The website
GET  /                                         200 200 200 200 200 200 200 200 200
GET  /bli-medlem/                              200 200 200 200 200 200 200 200 200
GET  /sok/                                     200 200 200 200 200 200 200 200 200
GET  /for-medlemmer/                           302 302 200 200 302 302 302 302 200
GET  /outbox/                                  404 404 404 404 404 404 404 404 404

# My page and log-in
GET  /min-side/                                302 302 200 302 302 302 302 302 302
GET  /min-side/opplysninger/                   302 302 200 302 302 302 302 302 302
GET  /min-side/fakturaer/                      302 302 200 302 302 302 302 302 302
GET  /min-side/fakturaer/{number}/mer-tid/     302 302 404 302 302 302 302 302 302
POST /min-side/fakturaer/{number}/mer-tid/     302 302 404 302 302 302 302 302 302
GET  /min-side/betalinger/                     302 302 200 302 302 302 302 302 302
GET  /min-side/utmelding/                      302 302 200 302 302 302 302 302 302
GET  /min-side/husstand/                       302 302 200 302 302 302 302 302 302
GET  /min-side/husstand/inviter/               302 302 404 302 302 302 302 302 302
POST /min-side/husstand/inviter/               302 302 404 302 302 302 302 302 302
POST /min-side/husstand/invitasjon/{invitation}/trekk/ 302 302 404 302 302 302 302 302 302
GET  /min-side/husstand/{member}/fjern/        302 302 404 302 302 302 302 302 302
POST /min-side/husstand/{member}/fjern/        302 302 404 302 302 302 302 302 302
POST /min-side/husstand/{member}/overlat/      302 302 404 302 302 302 302 302 302
GET  /min-side/husstand/flytt-ut/              302 302 200 302 302 302 302 302 302
GET  /min-side/husstand/ny-adresse/            302 302 404 302 302 302 302 302 302
GET  /min-side/plasser/                        302 302 200 302 302 302 302 302 302
GET  /min-side/plasser/{member}/               302 302 404 302 302 302 302 302 302
POST /min-side/plasser/{member}/               302 302 404 302 302 302 302 302 302
GET  /min-side/plasser/{seat}/fri/             302 302 404 302 302 302 302 302 302
POST /min-side/plasser/{seat}/fri/             302 302 404 302 302 302 302 302 302
POST /min-side/plasser/invitasjon/{invitation}/trekk/ 302 302 404 302 302 302 302 302 302
GET  /invitasjon/nonsense/                     410 410 410 410 410 410 410 410 410
POST /invitasjon/nonsense/                     410 410 410 410 410 410 410 410 410
GET  /min-side/mine-data/                      302 302 200 302 302 302 302 302 302
POST /min-side/mine-data/fil/                  302 302 200 302 302 302 302 302 302
GET  /min-side/mine-data/innsyn/               302 302 200 302 302 302 302 302 302
GET  /min-side/mine-data/sletting/             302 302 200 302 302 302 302 302 302
GET  /min-side/mine-data/sletting/bekreft/     302 302 302 302 302 302 302 302 302
GET  /konto/password/change/                   302 200 200 200 200 200 200 200 200
GET  /konto/2fa/                               302 200 200 200 200 200 200 200 200

# The registry
GET  /admin/                                   302 302 302 200 200 200 200 200 200
GET  /admin/members/                           302 302 302 302 200 200 302 200 200
GET  /admin/members/results/                   302 302 302 302 200 200 302 200 200
GET  /admin/members/new/                       302 302 302 302 200 302 302 200 200
POST /admin/members/new/                       302 302 302 302 200 302 302 200 200
GET  /admin/members/{member}/                  302 302 302 302 200 200 302 404 200
GET  /admin/members/{member}/edit/             302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/edit/             302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/come-back/        302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/come-back/        302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/change-type/      302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/change-type/      302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/resign/           302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/resign/           302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/exclude/          302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/exclude/          302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/death/            302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/death/            302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/move-in/          302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/move-in/          302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/move-out/         302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/move-out/         302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/hand-over/        302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/login-link/       302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/consent/          302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/consent/          302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/erasure/          302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/erasure/          302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/hold-back/        302 302 302 302 200 302 302 302 200
POST /admin/members/{member}/hold-back/        302 302 302 302 200 302 302 302 200
GET  /admin/members/{member}/let-go/           302 302 302 302 200 302 302 302 200
GET  /admin/reports/erasure/                   302 302 302 302 200 302 302 200 200
GET  /admin/reports/erasure/results/           302 302 302 302 200 302 302 200 200
GET  /admin/members/export/                    302 302 302 403 200 403 403 200 200
POST /admin/members/export/                    302 302 302 403 200 403 403 200 200
GET  /admin/members/lists/                     302 302 302 302 200 200 302 200 200
GET  /admin/members/lists/new/                 302 302 302 302 200 200 302 200 200
POST /admin/members/lists/new/                 302 302 302 302 200 200 302 200 200
GET  /admin/members/bulk/language/             302 302 302 403 200 403 403 200 200
POST /admin/members/bulk/language/             302 302 302 403 200 403 403 200 200
GET  /admin/members/bulk/note/                 302 302 302 403 200 403 403 403 200
GET  /admin/choose-member/                     302 302 302 302 200 200 302 200 200
GET  /admin/choose-member/results/             302 302 302 302 200 200 302 200 200
GET  /admin/choose-member/chosen/{member}/     302 302 302 302 200 200 302 404 200
GET  /admin/households/                        302 302 302 302 200 200 302 200 200
GET  /admin/households/{household}/            302 302 302 302 200 200 302 404 200
GET  /admin/households/{household}/add/        302 302 302 302 200 302 302 404 200
POST /admin/households/{household}/add/        302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/succession/       302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/succession/       302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/payer/            302 302 302 302 200 302 302 302 200
POST /admin/members/{member}/payer/            302 302 302 302 302 302 302 302 302
GET  /admin/members/{member}/seats/            302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/seats/            302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/seats-give/       302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/seats-give/       302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/seats-invite/     302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/seats-invite/     302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/contacts-name/    302 302 302 302 200 302 302 404 200
POST /admin/members/{member}/contacts-name/    302 302 302 302 200 302 302 404 200
GET  /admin/members/{member}/pays-for/         302 302 302 302 200 302 302 404 200
GET  /admin/members/seats/{seat}/free/         302 302 302 302 200 302 302 404 200
GET  /admin/members/contacts/{contact}/remove/ 302 302 302 302 200 302 302 404 200
GET  /admin/households/{household}/invite/     302 302 302 302 200 302 302 404 200
POST /admin/households/{household}/invite/     302 302 302 302 200 302 302 404 200
GET  /admin/households/{household}/split/      302 302 302 302 200 302 302 404 200
POST /admin/households/{household}/split/      302 302 302 302 200 302 302 404 200
GET  /admin/households/{household}/together/   302 302 302 302 200 302 302 404 200
POST /admin/households/{household}/together/   302 302 302 302 200 302 302 404 200
GET  /admin/households/invitations/{invitation}/withdraw/ 302 302 302 302 200 302 302 404 200
GET  /admin/applications/                      302 302 302 302 200 302 302 200 200
GET  /admin/applications/{application}/        302 302 302 302 200 302 302 404 200
GET  /admin/applications/{application}/approve/ 302 302 302 302 200 302 302 404 200
GET  /admin/applications/{application}/same-person/ 302 302 302 302 200 302 302 404 200
POST /admin/applications/{application}/same-person/ 302 302 302 302 200 302 302 404 200
GET  /admin/applications/{application}/refuse/ 302 302 302 302 200 302 302 404 200
POST /admin/applications/{application}/refuse/ 302 302 302 302 200 302 302 404 200
GET  /admin/duplicates/                        302 302 302 302 200 302 302 302 200
GET  /admin/duplicates/results/                302 302 302 302 200 302 302 302 200
GET  /admin/duplicates/new/                    302 302 302 302 200 302 302 302 200
POST /admin/duplicates/new/                    302 302 302 302 200 302 302 302 200
GET  /admin/duplicates/{pair}/                 302 302 302 302 200 302 302 302 200
GET  /admin/duplicates/{pair}/merge/           302 302 302 302 200 302 302 302 200
POST /admin/duplicates/{pair}/merge/           302 302 302 302 200 302 302 302 200
GET  /admin/duplicates/{pair}/not-the-same/    302 302 302 302 200 302 302 302 200
GET  /admin/duplicates/{pair}/look-again/      302 302 302 302 200 302 302 302 200
GET  /admin/merges/                            302 302 302 302 200 302 302 302 200
GET  /admin/merges/{merge}/                    302 302 302 302 200 302 302 302 200
GET  /admin/merges/{merge}/undo/               302 302 302 302 200 302 302 302 200
GET  /admin/membership-types/                  302 302 302 302 200 200 302 200 200
GET  /admin/membership-types/new/              302 302 302 302 200 302 302 302 200
GET  /admin/membership-types/{type}/edit/      302 302 302 302 200 302 302 302 200
POST /admin/membership-types/{type}/edit/      302 302 302 302 200 302 302 302 200
GET  /admin/consent-texts/                     302 302 302 302 200 302 302 302 200
GET  /admin/consent-texts/new/                 302 302 302 302 200 302 302 302 200
POST /admin/consent-texts/new/                 302 302 302 302 200 302 302 302 200
GET  /admin/consent-texts/{text}/              302 302 302 302 200 302 302 302 200
GET  /admin/reports/members/                   302 302 302 302 200 200 302 200 200
GET  /admin/reports/joined-and-left/           302 302 302 302 200 200 302 200 200
GET  /admin/reports/who-stays/                 302 302 302 302 200 200 302 200 200
GET  /admin/reports/countable/                 302 302 302 302 200 200 302 200 200
POST /admin/reports/countable/                 302 302 302 302 200 302 302 200 200
GET  /admin/reports/simulator/                 302 302 302 302 200 302 302 302 200
POST /admin/reports/simulator/                 302 302 302 302 200 302 302 302 200
GET  /admin/reports/simulator/nonsense/        302 302 302 302 404 302 302 302 404
GET  /admin/voter-rolls/                       302 302 302 302 200 302 302 302 200
GET  /admin/voter-rolls/new/                   302 302 302 302 200 302 302 302 200
POST /admin/voter-rolls/new/                   302 302 302 302 200 302 302 302 200
GET  /admin/voter-rolls/{roll}/                302 302 302 302 200 302 302 302 200
GET  /admin/voter-rolls/{roll}/edit/           302 302 302 302 200 302 302 302 200
POST /admin/voter-rolls/{roll}/edit/           302 302 302 302 200 302 302 302 200
GET  /admin/voter-rolls/{roll}/people/         302 302 302 302 200 302 302 302 200
GET  /admin/voter-rolls/{roll}/freeze/         302 302 302 302 200 302 302 302 200
POST /admin/voter-rolls/{roll}/freeze/         302 302 302 302 200 302 302 302 200
GET  /admin/voter-rolls/{roll}/appeal/         302 302 302 302 200 302 302 302 200
POST /admin/voter-rolls/{roll}/appeal/         302 302 302 302 200 302 302 302 200
GET  /admin/voter-rolls/{roll}/export/         302 302 302 302 200 302 302 302 200
GET  /admin/committees/                        302 302 302 302 200 302 302 302 200
GET  /admin/committees/new/                    302 302 302 302 200 302 302 302 200
POST /admin/committees/new/                    302 302 302 302 200 302 302 302 200
GET  /admin/reports/offices/                   302 302 302 302 200 302 302 302 200
GET  /admin/campaigns/                         302 302 302 302 302 302 302 302 302
GET  /admin/reports/recruiters/                302 302 302 302 200 200 302 200 200
GET  /admin/reports/recruiters/export/         302 302 302 403 200 403 403 200 200
POST /admin/reports/recruiters/export/         302 302 302 403 200 403 403 200 200
GET  /admin/branches/                          302 302 302 302 302 302 302 302 302
GET  /admin/members/{member}/transfer/         302 302 302 302 404 302 302 302 404
GET  /admin/import/                            302 302 302 302 200 302 302 302 200
POST /admin/import/                            302 302 302 302 200 302 302 302 200
GET  /admin/import/{run}/columns/              302 302 302 302 200 302 302 302 200
POST /admin/import/{run}/columns/              302 302 302 302 200 302 302 302 200
GET  /admin/import/{run}/types/                302 302 302 302 200 302 302 302 200
GET  /admin/import/{run}/plan/                 302 302 302 302 200 302 302 302 200
GET  /admin/import/{run}/result.csv            302 302 302 302 200 302 302 302 200
GET  /admin/import/{run}/agree/                302 302 302 302 405 302 302 302 405
GET  /admin/import/{run}/cancel/               302 302 302 302 405 302 302 302 405
GET  /admin/import/{run}/look/                 302 302 302 302 405 302 302 302 405
GET  /admin/import/{run}/undo/                 302 302 302 302 302 302 302 302 302
GET  /admin/import/{run}/                      302 302 302 302 302 302 302 302 302

# The treasury
GET  /admin/invoices/                          302 302 302 302 302 200 200 302 200
GET  /admin/invoices/{invoice}/                302 302 302 302 302 200 200 302 200
GET  /admin/invoices/{invoice}/credit/         302 302 302 302 302 200 302 302 200
POST /admin/invoices/{invoice}/credit/         302 302 302 302 302 200 302 302 200
GET  /admin/treasury/inbox/                    302 302 302 302 302 200 200 302 200
GET  /admin/treasury/register/                 302 302 302 302 302 200 302 302 200
POST /admin/treasury/register/                 302 302 302 302 302 422 302 302 422
GET  /admin/treasury/reminders/                302 302 302 302 302 200 200 302 200
GET  /admin/treasury/reminders/results/        302 302 302 302 302 200 200 302 200
POST /admin/treasury/reminders/send/           302 302 302 302 302 302 302 302 302
GET  /admin/treasury/reminders/bank/           302 302 302 302 302 200 302 302 200
POST /admin/treasury/reminders/bank/           302 302 302 302 302 422 302 302 422
GET  /admin/treasury/reminders/invoices/{invoice}/by-hand/ 302 302 302 302 302 200 302 302 200
GET  /admin/treasury/reminders/invoices/{invoice}/more-time/ 302 302 302 302 302 200 302 302 200
POST /admin/treasury/reminders/invoices/{invoice}/more-time/ 302 302 302 302 302 200 302 302 200
GET  /admin/treasury/reminders/plans/{plan}/   302 302 302 302 302 200 200 302 200
POST /admin/treasury/reminders/plans/{plan}/refuse/ 302 302 302 302 302 422 302 302 422
GET  /admin/treasury/reminders/sendings/{sending}/ 302 302 302 302 302 200 200 302 200
GET  /admin/treasury/bank/                     302 302 302 302 302 200 200 302 200
GET  /admin/treasury/unmatched/                302 302 302 302 302 200 302 302 200
GET  /admin/treasury/invoices/{invoice}/write-off/ 302 302 302 302 302 200 302 302 200
POST /admin/treasury/invoices/{invoice}/write-off/ 302 302 302 302 302 200 302 302 200
GET  /admin/treasury/due/                      302 302 302 302 302 200 200 302 200
GET  /admin/treasury/due/export/               302 302 302 302 302 200 302 302 200
POST /admin/treasury/due/export/               302 302 302 302 302 200 302 302 200
GET  /admin/treasury/books/                    302 302 302 302 302 200 200 302 200
GET  /admin/treasury/books/income/             302 302 302 302 302 200 200 302 200
GET  /admin/treasury/books/money-in/           302 302 302 302 302 200 200 302 200
GET  /admin/treasury/books/open/               302 302 302 302 302 200 200 302 200
GET  /admin/treasury/books/open/export/        302 302 302 302 302 200 302 302 200
POST /admin/treasury/books/open/export/        302 302 302 302 302 200 302 302 200
GET  /admin/treasury/books/journal/            302 302 302 302 302 200 302 302 200
POST /admin/treasury/books/journal/            302 302 302 302 302 200 302 302 200
GET  /admin/treasury/books/2025/close/         302 302 302 302 302 200 302 302 200
POST /admin/treasury/books/2025/close/         302 302 302 302 302 200 302 302 200
GET  /admin/treasury/books/2025/open-again/    302 302 302 302 302 302 302 302 200
POST /admin/treasury/books/2025/open-again/    302 302 302 302 302 302 302 302 200
GET  /min-side/faktura/{number}.pdf            404 404 404 404 404 503 503 404 503
GET  /admin/treasury/runs/                     302 302 302 302 302 200 200 302 200
POST /admin/treasury/runs/                     302 302 302 302 302 200 302 302 200
GET  /admin/treasury/runs/{invoice_run}/       302 302 302 302 302 200 200 302 200
GET  /admin/treasury/runs/{invoice_run}/rows/  302 302 302 302 302 200 200 302 200
POST /admin/treasury/runs/{invoice_run}/export/ 302 302 302 302 302 200 302 302 200
POST /admin/treasury/runs/{invoice_run}/agree/ 302 302 302 302 302 422 302 302 422
GET  /admin/treasury/runs/{invoice_run}/agree/ 302 302 302 302 302 405 302 302 405
GET  /admin/treasury/runs/{invoice_run}/pause/ 302 302 302 302 302 405 302 302 405
GET  /admin/treasury/runs/{invoice_run}/resume/ 302 302 302 302 302 405 302 302 405
GET  /admin/treasury/runs/{invoice_run}/stop/  302 302 302 302 302 405 302 302 405
GET  /admin/treasury/letters/                  302 302 302 302 302 200 200 302 200
GET  /admin/treasury/letters/{print_file}/     302 302 302 302 302 200 200 302 200
GET  /admin/treasury/letters/{print_file}/pdf/ 302 302 302 302 302 404 302 302 404
GET  /admin/treasury/letters/{print_file}/again/ 302 302 302 302 302 405 302 302 405
GET  /admin/treasury/invoice/                  302 302 302 302 302 200 302 302 200
GET  /admin/treasury/invoice/{invoice}/copy/   302 302 302 302 302 404 404 302 404
GET  /admin/treasury/invoice/{invoice}/print/  302 302 302 302 302 405 302 302 405
GET  /admin/treasury/way/{member}/             302 302 302 302 302 200 302 302 200
GET  /admin/treasury/look/                     302 302 302 302 302 200 302 302 200
GET  /admin/payments/                          302 302 302 302 302 200 200 302 200
GET  /admin/online-payments/                   302 302 302 302 302 200 200 302 200
GET  /admin/treasury/online/{online}/          302 302 302 302 302 200 200 302 200
POST /admin/treasury/online/{online}/nonsense/ 302 302 302 302 302 404 302 302 404
GET  /betal/nonsense/                          404 404 404 404 404 404 404 404 404
POST /betal/nonsense/                          404 404 404 404 404 404 404 404 404
GET  /betal/retur/nonsense/                    404 404 404 404 404 404 404 404 404
POST /betal/varsel/vipps/                      404 404 404 404 404 404 404 404 404

# Messages
GET  /admin/messages/                          302 302 302 302 200 200 302 302 200
GET  /admin/blocked-addresses/                 302 302 302 302 200 302 302 302 200

# Pages and newsletters
GET  /admin/pages/{home}/                      302 302 302 200 302 302 302 302 200
GET  /admin/images/                            302 302 302 200 302 302 302 302 200
GET  /admin/documents/                         302 302 302 200 302 302 302 302 200

# Log-ins, groups and settings
GET  /admin/users/                             302 302 302 302 302 302 302 302 200
GET  /admin/users/new/                         302 302 302 302 302 302 302 302 200
POST /admin/users/new/                         302 302 302 302 302 302 302 302 200
GET  /admin/users/edit/{user}/                 302 302 302 302 302 302 302 302 200
POST /admin/users/edit/{user}/                 302 302 302 302 302 302 302 302 200
GET  /admin/users/edit/{superuser}/            302 302 302 302 302 302 302 302 302
POST /admin/users/edit/{superuser}/            302 302 302 302 302 302 302 302 302
GET  /admin/users/delete/{user}/               302 302 302 302 302 302 302 302 200
GET  /admin/users/delete/{superuser}/          302 302 302 302 302 302 302 302 302
POST /admin/users/delete/{superuser}/          302 302 302 302 302 302 302 302 302
GET  /admin/groups/                            302 302 302 302 302 302 302 302 200
GET  /admin/groups/new/                        302 302 302 302 302 302 302 302 302
GET  /admin/groups/edit/{group}/               302 302 302 302 302 302 302 302 200
POST /admin/groups/edit/{group}/               302 302 302 302 302 302 302 302 200
GET  /admin/sites/                             302 302 302 302 302 302 302 302 200
GET  /admin/redirects/                         302 302 302 302 302 302 302 302 200
GET  /admin/workflows/list/                    302 302 302 302 302 302 302 302 302
GET  /admin/collections/                       302 302 302 302 302 302 302 302 302
GET  /admin/reports/site-history/              302 302 302 200 200 200 200 302 200
GET  /admin/account/                           302 302 302 200 200 200 200 200 200

# Wagtail's own log-in
GET  /admin/login/                             302 302 302 302 302 302 302 302 302
POST /admin/login/                             302 302 302 302 302 302 302 302 302
GET  /admin/password_reset/                    404 404 404 404 404 404 404 404 404
POST /admin/password_reset/                    404 404 404 404 404 404 404 404 404
"""


def lines() -> list[tuple[str, str, list[int]]]:
    """The table, read: (method, address, statuses)."""
    rows = [line.split() for line in TABLE.strip().splitlines() if line.strip() and not line.startswith("#")]
    return [(row[0], row[1], [int(status) for status in row[2:]]) for row in rows]


class World:
    """What there is to be seen, and the browser of each role."""

    def __init__(self) -> None:
        set_up_client()
        home_set_up.set_up(client=settings.CLIENT, at=NOW)
        family = make_household("Bob", "Berit", last_name="Hemmelig")
        invoice = make_invoice("Alice", "Hemmelig")
        online = ProviderPayment.objects.create(
            invoice=invoice, provider="vipps", reference="hnm-10001-abcdef", key="abcdef", amount=400, created_at=NOW,
            expires_at=NOW,
        )  # fmt: skip
        application = Application.objects.create(
            token="6f5c1b8e-0a35-4d56-9f6b-3c1d2e4f5a6b", reference="ABCDEFGH", name="Carl Hemmelig",
            wanted_type=make_type("E"), answers={"people": [], "consents": []}, sent_at=NOW, state="approval",
        )  # fmt: skip
        users = {role: make_user(role) for role in ROLES[2:]}
        self.browsers = {"nobody": Client(), "a log-in": self.browser(make_user())}
        self.browsers |= {role: self.browser(user) for role, user in users.items()}
        somebody = family.members[1]
        somebody.user = users[roles.MEMBERS]  # who only ever sees what is their own
        somebody.save()
        superuser = make_user("admin")
        type_, text = MembershipType.objects.get(code="E"), ConsentText.objects.first()
        assert family.household is not None and text is not None
        company = make_company()
        seat = seats.take(organisation=company, member=make_non_member("Ole", "Hemmelig"), on=TODAY)
        contact = seats.name_contact(organisation=company, member=seat.member)
        invitation = invitations.invite(inviter=family.main_member, email="ny@example.no", on=TODAY, at=NOW)
        twice = make_non_member("Dora", "Hemmelig"), make_non_member("Dora", "Hemmelig")
        pair = duplicates.put_together(one=family.main_member, other=twice[0], at=NOW)
        merge = merging.merge(kept=twice[0], absorbed=twice[1], choices={}, on=TODAY, at=NOW, by=superuser)
        run = runs.start(file=BytesIO(b"last_name\nHemmelig\n"), name="register.csv", at=NOW, by=superuser)
        roll = VoterRoll.objects.create(name="Hemmelig", counts_on=TODAY)
        invoice_run = InvoiceRun.objects.create(begins_by=TODAY, asked_at=NOW, state="ready", planned=1)
        print_file = PrintFile.objects.create(letters=0, asked_at=NOW, state="ready")
        plan = PaymentPlan.objects.create(invoice=invoice, amount=invoice.total, proposed_on=TODAY)
        reminders = ReminderRun.objects.create(on=TODAY, total=0, asked_at=NOW, state="done")
        self.names = {
            "invoice_run": invoice_run.pk, "print_file": print_file.pk, "plan": plan.pk, "sending": reminders.pk,
            "run": run.pk, "roll": roll.pk,
            "pair": pair.pk, "merge": merge.pk,
            "seat": seat.pk, "contact": contact.pk, "invitation": invitation.pk,
            "member": family.main_member.pk, "household": family.household.pk, "invoice": invoice.pk,
            "number": invoice.number, "application": application.pk, "type": type_.pk, "text": text.pk,
            "user": users[roles.MEMBERS].pk, "superuser": superuser.pk, "online": online.pk,
            "group": Group.objects.get(name=roles.EDITORS).pk, "home": HomePage.objects.get().pk,
        }  # fmt: skip

    @staticmethod
    def browser(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    def status(self, method: str, address: str, role: str) -> int:
        """What the role gets at the address."""
        browser = self.browsers[role]
        ask: Any = browser.get if method == "GET" else browser.post
        return int(ask(address.format(**self.names)).status_code)


def test_every_role_at_every_address() -> None:
    world = World()
    wrong = [
        f"{method} {address} as {role}: {status}, not {expected}"
        for method, address, statuses in lines()
        for role, expected in zip(ROLES, statuses, strict=True)
        if (status := world.status(method, address, role)) != expected
    ]
    assert wrong == []


def test_nothing_changes_by_looking() -> None:
    """Every address of the table by GET, as the one who may do most: no row is added, changed or taken away."""
    world = World()
    before = snapshot()
    for method, address, _statuses in lines():
        if method == "GET":
            world.status(method, address, roles.ADMINISTRATORS)
    assert snapshot() == before


def snapshot() -> dict[str, list[Any]]:
    """Every row of every table of ours. The log is not among them: it is written by looking."""
    ours = {"core", "membership", "invoicing", "payments", "messaging", "newsletter", "auth"}
    models = [model for model in apps.get_models() if model._meta.app_label in ours]
    return {model._meta.label: list(model._default_manager.order_by("pk").values_list()) for model in models}


def test_nothing_is_done_without_the_forms_own_token() -> None:
    world = World()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(groups__name=roles.ADMINISTRATORS))
    accepted = [
        address
        for method, address, _statuses in lines()
        if method == "POST" and browser.post(address.format(**world.names)).status_code not in {403, 302, 404}
    ]
    assert accepted == []


def test_every_right_of_a_role_exists() -> None:
    """A right that is misspelt would silently be given to nobody."""
    set_up_client()
    rows = Permission.objects.select_related("content_type")
    exist = {f"{row.content_type.app_label}.{row.codename}" for row in rows}
    installed = {config.label for config in apps.get_app_configs()}
    named = {right for rights in roles.ROLES.values() for right in rights if right.split(".")[0] in installed}
    assert named - exist == set()
    for name, wanted in roles.ROLES.items():
        group = Group.objects.get(name=name)
        has = {f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.select_related("content_type")}
        assert has == {right for right in wanted if right.split(".")[0] in installed}, name


def test_the_group_that_a_new_site_comes_with_goes_unless_somebody_uses_it() -> None:
    Group.objects.get_or_create(name="Moderators")
    set_up_client()
    assert not Group.objects.filter(name="Moderators").exists()
    used = Group.objects.create(name="Moderators")
    used.user_set.add(make_user())
    set_up_client()
    used.user_set.clear()
    used.permissions.add(Permission.objects.get(codename="view_member"))
    set_up_client()
    assert Group.objects.filter(pk=used.pk).exists()


def test_only_administrators_may_touch_log_ins_and_roles() -> None:
    powers = {"core.add_user", "core.change_user", "core.delete_user", "auth.add_group", "auth.change_group"}
    assert {name for name, rights in roles.ROLES.items() if powers & set(rights)} == {roles.ADMINISTRATORS}
