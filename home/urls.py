"""The addresses of what is no page of its own."""

from django.urls import path

from home import views

urlpatterns = [
    path("sok/", views.search, name="search"),
    path("theme.css", views.theme_css, name="theme_css"),
]
