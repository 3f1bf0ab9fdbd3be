"""What the treasurer answers for: vouchers, open items, income, money in by day, and the years that are closed."""
