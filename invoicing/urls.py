"""The addresses of invoices that are not the office's."""

from django.urls import path

from invoicing import views

urlpatterns = [
    path("min-side/fakturaer/", views.my_invoices, name="my_invoices"),
    path("min-side/faktura/<int:number>.pdf", views.invoice_pdf, name="invoice_pdf"),
]
