"""What is sent: one outbox for e-mail, SMS and letters."""
