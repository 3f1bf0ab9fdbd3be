"""The addresses of newsletters that are no pages."""

from django.urls import path

from newsletter import views

urlpatterns = [
    path("nyhetsbrev/avmelding/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("nyhetsbrev/avmelding/<str:token>/igjen/", views.subscribe_again, name="subscribe_again"),
]
