"""The public addresses of membership that are no Wagtail pages: joining, and My page."""

from django.urls import path

from membership.join_form import confirm_views
from membership.join_form import views as join_views
from membership.my_page import data_views, household_link_views, household_seats_views, household_views
from membership.my_page import views as my_page_views
from membership.sign_in import link_views

urlpatterns = [
    path("innmelding/<str:token>/", confirm_views.confirm, name="join_confirm"),
    path("innlogging/<str:token>/", link_views.log_in_link, name="log_in_link"),
    path("postnummer/", join_views.place_of_postcode, name="postcode_place"),
    path("min-side/", my_page_views.overview, name="my_page"),
    path("min-side/medlemskap/", my_page_views.memberships, name="my_memberships"),
    path("invitasjon/takk/", household_link_views.invitation_done, name="invitation_done"),
    path("invitasjon/<str:token>/", household_link_views.invitation, name="invitation"),
    path("min-side/husstand/", household_views.household, name="my_household"),
    path("min-side/husstand/inviter/", household_views.invite, name="my_household_invite"),
    path("min-side/husstand/invitasjon/<int:pk>/trekk/", household_views.withdraw, name="my_household_withdraw"),
    path("min-side/husstand/<int:pk>/fjern/", household_views.remove, name="my_household_remove"),
    path("min-side/husstand/<int:pk>/overlat/", household_views.hand_over, name="my_household_hand_over"),
    path("min-side/husstand/overta/", household_views.take_over, name="my_household_take_over"),
    path("min-side/husstand/flytt-ut/", household_views.leave, name="my_household_leave"),
    path("min-side/husstand/ny-adresse/", household_views.move, name="my_household_move"),
    path("min-side/husstand/angre/", household_views.undo, name="my_household_undo"),
    path("min-side/plasser/", household_seats_views.seats_page, name="my_seats"),
    path("min-side/plasser/<int:pk>/", household_seats_views.give_out, name="my_seats_of"),
    path("min-side/plasser/invitasjon/<int:pk>/trekk/", household_seats_views.withdraw, name="my_seat_withdraw"),
    path("min-side/plasser/<int:pk>/fri/", household_seats_views.leave, name="my_seat_leave"),
    path("min-side/opplysninger/", my_page_views.details, name="my_details"),
    path("min-side/samtykker/", my_page_views.my_consents, name="my_consents"),
    path("min-side/mine-data/", data_views.my_data, name="my_data"),
    path("min-side/mine-data/fil/", data_views.data_file, name="my_data_file"),
    path("min-side/mine-data/innsyn/", data_views.who_can_see, name="my_data_seen"),
    path("min-side/mine-data/sletting/", data_views.erasure, name="my_erasure"),
    path("min-side/mine-data/sletting/bekreft/", data_views.erasure_confirm, name="my_erasure_confirm"),
    path("min-side/innlogging/", my_page_views.log_in, name="my_log_in"),
    path("min-side/utmelding/", my_page_views.leave, name="my_leaving"),
    path("min-side/utmelding/bekreft/", my_page_views.leave_confirm, name="my_leaving_confirm"),
    path("min-side/utmelding/kvittering/", my_page_views.leave_receipt, name="my_leaving_receipt"),
    path("min-side/hvem/", my_page_views.choose, name="my_page_choose"),
    path("min-side/ingen/", my_page_views.nobody, name="my_page_nobody"),
]
