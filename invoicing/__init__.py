"""What is owed: invoices, numbering, PDF and reminders."""
