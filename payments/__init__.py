"""What came in: payments, and which invoices they settle."""
