"""What we do when an earlier app reports: one write or one enqueue."""
