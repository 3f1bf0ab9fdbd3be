"""The public addresses of membership that are no Wagtail pages: joining, and My page."""

from django.urls import path

from membership.join_form import confirm_views
from membership.join_form import views as join_views
from membership.my_page import views as my_page_views
from membership.sign_in import link_views

urlpatterns = [
    path("innmelding/<str:token>/", confirm_views.confirm, name="join_confirm"),
    path("innlogging/<str:token>/", link_views.log_in_link, name="log_in_link"),
    path("postnummer/", join_views.place_of_postcode, name="postcode_place"),
    path("min-side/", my_page_views.overview, name="my_page"),
    path("min-side/medlemskap/", my_page_views.memberships, name="my_memberships"),
    path("min-side/husstand/", my_page_views.household, name="my_household"),
    path("min-side/opplysninger/", my_page_views.details, name="my_details"),
    path("min-side/samtykker/", my_page_views.my_consents, name="my_consents"),
    path("min-side/innlogging/", my_page_views.log_in, name="my_log_in"),
    path("min-side/utmelding/", my_page_views.leave, name="my_leaving"),
    path("min-side/utmelding/bekreft/", my_page_views.leave_confirm, name="my_leaving_confirm"),
    path("min-side/utmelding/kvittering/", my_page_views.leave_receipt, name="my_leaving_receipt"),
    path("min-side/hvem/", my_page_views.choose, name="my_page_choose"),
    path("min-side/ingen/", my_page_views.nobody, name="my_page_nobody"),
]
