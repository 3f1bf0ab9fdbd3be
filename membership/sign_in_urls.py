"""The pages of the log-in that are ours; they stand before allauth's."""

from django.urls import path

from membership import sign_in_views

urlpatterns = [
    path("login/code/confirm/", sign_in_views.ConfirmCode.as_view(), name="account_confirm_login_code"),
    path("bekreft/", sign_in_views.prove, name="account_prove"),
]
