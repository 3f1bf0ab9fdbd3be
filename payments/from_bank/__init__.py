"""What comes from the bank: from a file in the treasurer's hand to the books. Its formats are in payments/banks."""
