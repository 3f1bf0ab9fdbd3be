"""The addresses of the books, below the treasury in the office."""

from django.urls import path

from payments.books import views
from payments.books.reports import IncomeReport, MoneyInReport

urlpatterns = [
    path("treasury/books/", views.index, name="books"),
    path("treasury/books/income/", IncomeReport.as_view(), name=IncomeReport.url_name),
    path("treasury/books/money-in/", MoneyInReport.as_view(), name=MoneyInReport.url_name),
    path("treasury/books/open/", views.open_on, name="books_open"),
    path("treasury/books/open/export/", views.export_open, name="books_open_export"),
    path("treasury/books/journal/", views.journal, name="books_journal"),
    path("treasury/books/<int:year>/close/", views.close, name="books_close"),
    path("treasury/books/<int:year>/open-again/", views.open_again, name="books_open_again"),
]
