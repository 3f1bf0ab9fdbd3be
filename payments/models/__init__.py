"""What is remembered about money: what came in, and what was done about what did not."""

from .bank_looks import BankLook
from .payments import Allocation, Payment
from .plans import Instalment, PaymentPlan
from .reminders import Reminder, ReminderRun, Snooze

__all__ = [
    "Allocation",
    "BankLook",
    "Instalment",
    "Payment",
    "PaymentPlan",
    "Reminder",
    "ReminderRun",
    "Snooze",
]
