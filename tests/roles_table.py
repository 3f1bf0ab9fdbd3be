"""The table of who may do what: a line an address, a column a role.

302: led away, to the log-in or to the front of the office (Wagtail's way of saying no). 303: done, and led on. 404:
there is nothing there for this reader. POSTs are empty: where a form is allowed it comes back (200, or 422). 503: an
invoice whose PDF is being made.
"""

from membership import roles
from tests.roles_table_of_money import TREASURY

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
GET  /outbox/{message}/                         404 404 404 404 404 404 404 404 404
GET  /outbox/{message}/words/                   404 404 404 404 404 404 404 404 404
GET  /innmelding/nonsense/                      410 410 410 410 410 410 410 410 410
POST /innmelding/nonsense/                      410 410 410 410 410 410 410 410 410
GET  /innlogging/nonsense/                      410 410 410 410 410 410 410 410 410
POST /innlogging/nonsense/                      410 410 410 410 410 410 410 410 410
GET  /postnummer/                               200 200 200 200 200 200 200 200 200
GET  /invitasjon/takk/                          303 303 303 303 303 303 303 303 303
GET  /betal/prov/nonsense/                      404 404 404 404 404 404 404 404 404
POST /betal/prov/nonsense/                      404 404 404 404 404 404 404 404 404
GET  /nyhetsbrev/avmelding/nonsense/            400 400 400 400 400 400 400 400 400
POST /nyhetsbrev/avmelding/nonsense/            400 400 400 400 400 400 400 400 400
POST /nyhetsbrev/avmelding/nonsense/igjen/      400 400 400 400 400 400 400 400 400
GET  /theme.css                                 200 200 200 200 200 200 200 200 200

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
GET  /min-side/mine-data/sletting/bekreft/     302 302 303 302 302 302 302 302 302
GET  /konto/password/change/                   302 200 200 200 200 200 200 200 200
GET  /konto/2fa/                               302 200 200 200 200 200 200 200 200
GET  /konto/login/code/confirm/                 303 303 303 302 302 302 302 302 302
POST /konto/login/code/confirm/                 303 303 303 302 302 302 302 302 302
GET  /konto/bekreft/                            302 200 200 200 200 200 200 200 200
POST /konto/bekreft/                            302 200 200 200 200 200 200 200 200
GET  /min-side/medlemskap/                      302 302 200 302 302 302 302 302 302
GET  /min-side/husstand/overta/                 302 302 303 302 302 302 302 302 302
POST /min-side/husstand/overta/                 302 302 303 302 302 302 302 302 302
POST /min-side/husstand/angre/                  302 302 303 302 302 302 302 302 302
GET  /min-side/samtykker/                       302 302 200 302 302 302 302 302 302
POST /min-side/samtykker/                       302 302 404 302 302 302 302 302 302
GET  /min-side/innlogging/                      302 200 200 200 200 200 200 200 200
GET  /min-side/utmelding/bekreft/               302 302 200 302 302 302 302 302 302
POST /min-side/utmelding/bekreft/               302 302 200 302 302 302 302 302 302
GET  /min-side/utmelding/kvittering/            302 302 303 302 302 302 302 302 302
GET  /min-side/hvem/                            302 302 200 302 302 302 302 302 302
POST /min-side/hvem/                            302 302 404 302 302 302 302 302 302
GET  /min-side/ingen/                           302 200 303 200 200 200 200 200 200
GET  /min-side/fakturaer/slik/                  302 302 200 302 302 302 302 302 302
POST /min-side/fakturaer/slik/                  302 302 200 302 302 302 302 302 302

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
GET  /admin/welcome-letters/                   302 302 302 302 200 302 302 200 200
POST /admin/welcome-letters/                   302 302 302 302 303 302 302 303 303
GET  /admin/welcome-letters/{welcome}/         302 302 302 302 404 302 302 404 404
GET  /admin/welcome-letters/{welcome}/pdf/     302 302 302 302 404 302 302 404 404
POST /admin/welcome-letters/{welcome}/again/   302 302 302 302 404 302 302 404 404
GET  /admin/welcome-letters/to/{member}/       302 302 302 302 200 302 302 404 200
POST /admin/welcome-letters/to/{member}/queue/ 302 302 302 302 303 302 302 404 303
GET  /admin/members/bulk/welcome_letters/      302 302 302 403 200 403 403 200 200
POST /admin/members/bulk/welcome_letters/      302 302 302 403 200 403 403 200 200
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
POST /admin/members/{member}/payer/            302 302 302 302 303 302 302 302 303
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
GET  /admin/import/{run}/undo/                 302 302 302 302 303 302 302 302 303
GET  /admin/import/{run}/                      302 302 302 302 303 302 302 302 303
GET  /admin/reports/offices/results/            302 302 302 302 200 302 302 302 200
GET  /admin/reports/recruiters/results/         302 302 302 302 200 200 302 200 200
GET  /admin/members/lists/{list}/               302 302 302 404 404 404 404 404 404
POST /admin/members/lists/{list}/               302 302 302 404 404 404 404 404 404
GET  /admin/members/lists/{list}/delete/        302 302 302 404 404 404 404 404 404
POST /admin/members/lists/{list}/delete/        302 302 302 404 404 404 404 404 404
GET  /admin/members/bulk/runs/{bulk}/           302 302 302 403 200 403 403 403 200
POST /admin/members/bulk/runs/{bulk}/           302 302 302 403 303 403 403 403 303
GET  /admin/households/results/                 302 302 302 302 200 200 302 200 200
GET  /admin/applications/results/               302 302 302 302 200 302 302 200 200
GET  /admin/branches/results/                   302 302 302 302 302 302 302 302 302
POST /admin/branches/results/                   302 302 302 302 302 302 302 302 302
GET  /admin/membership-types/results/           302 302 302 302 200 200 302 200 200
GET  /admin/committees/results/                 302 302 302 302 200 302 302 302 200
GET  /admin/committees/{committee}/             302 302 302 302 200 302 302 302 200
GET  /admin/committees/{committee}/elect/       302 302 302 302 200 302 302 302 200
POST /admin/committees/{committee}/elect/       302 302 302 302 200 302 302 302 200
GET  /admin/committees/offices/{position}/end/  302 302 302 302 200 302 302 302 200
POST /admin/committees/offices/{position}/end/  302 302 302 302 200 302 302 302 200
GET  /admin/campaigns/results/                  302 302 302 302 302 302 302 302 302
POST /admin/campaigns/results/                  302 302 302 302 302 302 302 302 302
GET  /admin/consent-texts/results/              302 302 302 302 200 302 302 302 200
GET  /admin/merges/results/                     302 302 302 302 200 302 302 302 200
GET  /admin/voter-rolls/results/                302 302 302 302 200 302 302 302 200
GET  /admin/voter-rolls/{roll}/appeals/{appeal}/ 302 302 302 302 200 302 302 302 200
POST /admin/voter-rolls/{roll}/appeals/{appeal}/ 302 302 302 302 200 302 302 302 200
GET  /admin/choose-member/chosen-multiple/      302 302 302 302 200 200 302 200 200

# Messages
GET  /admin/messages/                          302 302 302 302 200 200 302 302 200
GET  /admin/blocked-addresses/                 302 302 302 302 200 302 302 302 200
GET  /admin/messages/{message}/                 302 302 302 302 200 200 302 302 200
GET  /admin/messages/{message}/words/           302 302 302 302 200 200 302 302 200
POST /admin/messages/{message}/send-again/      302 302 302 302 302 302 302 302 303
POST /admin/messages/{message}/regard-as-sent/  302 302 302 302 302 302 302 302 303
POST /admin/messages/{message}/cancel/          302 302 302 302 302 302 302 302 303
GET  /admin/messages/unknown/welcome/           302 302 302 302 302 302 302 302 200
POST /admin/messages/unknown/welcome/           302 302 302 302 302 302 302 302 422
POST /admin/messages/pauses/{pause}/resume/     302 302 302 302 302 302 302 302 303
GET  /admin/blocked-addresses/{suppression}/    302 302 302 302 200 302 302 302 200
POST /admin/blocked-addresses/{suppression}/unblock/ 302 302 302 302 302 302 302 302 303

# Pages and newsletters
GET  /admin/pages/{home}/                      302 302 302 200 302 302 302 302 200
GET  /admin/images/                            302 302 302 200 302 302 302 302 200
GET  /admin/documents/                         302 302 302 200 302 302 302 302 200
GET  /admin/newsletters/{newsletter}/send/      302 302 302 200 302 302 302 302 200
POST /admin/newsletters/{newsletter}/send/      302 302 302 200 302 302 302 302 200
POST /admin/newsletters/{newsletter}/send-test/ 302 302 302 303 302 302 302 302 303
GET  /admin/mailings/                          302 302 302 200 302 302 302 302 200
GET  /admin/newsletters/mailings/{mailing}/     302 302 302 200 302 302 302 302 200
POST /admin/newsletters/mailings/{mailing}/     302 302 302 200 302 302 302 302 200
POST /admin/newsletters/mailings/{mailing}/go-on/ 302 302 302 303 302 302 302 302 303

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
    """The table and the treasury's, read: (method, address, statuses)."""
    rows = [line.split() for line in f"{TABLE}{TREASURY}".splitlines() if line.strip() and not line.startswith("#")]
    return [(row[0], row[1], [int(status) for status in row[2:]]) for row in rows]
