"""What members see of their payments, where an invoice is paid at once, and where providers tell of it."""

from django.urls import URLPattern, path

from payments import my_page_views
from payments.online import pay_views
from payments.reminders import my_page_views as more_time_views

urlpatterns: list[URLPattern] = [
    path("min-side/betalinger/", my_page_views.my_payments, name="my_payments"),
    path("min-side/fakturaer/<int:number>/mer-tid/", more_time_views.more_time, name="my_more_time"),
    path("betal/retur/<slug:reference>/", pay_views.payment_return, name="payment_return"),
    path("betal/varsel/<slug:alias>/", pay_views.payment_webhook, name="payment_webhook"),
    path("betal/prov/<slug:reference>/", pay_views.try_out_payment, name="try_out_payment"),
    path("betal/<str:token>/", pay_views.pay_invoice, name="pay_invoice"),
]
