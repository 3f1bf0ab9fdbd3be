"""What members see of their payments."""

from django.urls import URLPattern, path

from payments import my_page_views

urlpatterns: list[URLPattern] = [
    path("min-side/betalinger/", my_page_views.my_payments, name="my_payments"),
]
