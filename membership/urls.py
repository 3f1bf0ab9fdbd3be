"""The public addresses of membership that are no Wagtail pages."""

from django.urls import path

from membership import confirm_views, join_views

urlpatterns = [
    path("innmelding/<str:token>/", confirm_views.confirm, name="join_confirm"),
    path("postnummer/", join_views.place_of_postcode, name="postcode_place"),
]
