"""The addresses of messages outside the office: none but the development outbox."""

from django.urls import path

from messaging import views

urlpatterns = [
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<int:pk>/", views.outbox_message, name="outbox_message"),
    path("outbox/<int:pk>/words/", views.outbox_words, name="outbox_words"),
]
