"""The addresses of invoices that are not the office's."""

from django.urls import path

from invoicing import my_way_views, views

urlpatterns = [
    path("min-side/fakturaer/", views.my_invoices, name="my_invoices"),
    path("min-side/fakturaer/slik/", my_way_views.choose_way, name="my_invoice_way"),
    path("min-side/faktura/<int:number>.pdf", views.invoice_pdf, name="invoice_pdf"),
]
