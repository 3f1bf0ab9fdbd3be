"""What is owed, and how it is asked for. Nothing happens here; the story files do."""

from .invoices import Invoice, InvoiceLine, InvoiceQuerySet, private_storage
from .looks import PrintLook
from .print_files import PrintFile
from .runs import InvoiceRun, PlannedInvoice, PlannedInvoiceQuerySet
from .ways import InvoiceWay, Way
from .years import ClosedYear

__all__ = [
    "ClosedYear",
    "Invoice",
    "InvoiceLine",
    "InvoiceQuerySet",
    "InvoiceRun",
    "InvoiceWay",
    "PlannedInvoice",
    "PlannedInvoiceQuerySet",
    "PrintFile",
    "PrintLook",
    "Way",
    "private_storage",
]
