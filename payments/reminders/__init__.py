"""Following up what is not paid: reminders by schedule, more time, payment in parts, and who is struck in the end."""
