"""My page: what members see of themselves, and what they change."""
