"""SMS: what a gateway must do, how a text is counted, and one folder a gateway."""
