"""The pages of the log-in that are ours; they stand before allauth's."""

from django.urls import path

from membership.sign_in import views

urlpatterns = [
    path("login/code/confirm/", views.ConfirmCode.as_view(), name="account_confirm_login_code"),
    path("bekreft/", views.prove, name="account_prove"),
]
