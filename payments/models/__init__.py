"""What is remembered about money: what came in and what it covered, what was paid back or given up, what banks told,
and what was done about what did not come."""

from .bank_files import BankFile, BankLine, BankPreset, PayerAccount
from .bank_looks import BankLook
from .online import ProviderEvent, ProviderPayment
from .payments import Allocation, Payment
from .plans import Instalment, PaymentPlan
from .reminders import Reminder, ReminderRun, Snooze
from .write_offs import WriteOff

__all__ = [
    "Allocation",
    "BankFile",
    "BankLine",
    "BankLook",
    "BankPreset",
    "Instalment",
    "PayerAccount",
    "Payment",
    "PaymentPlan",
    "ProviderEvent",
    "ProviderPayment",
    "Reminder",
    "ReminderRun",
    "Snooze",
    "WriteOff",
]
