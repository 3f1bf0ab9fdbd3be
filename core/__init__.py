"""Tools without domain words, and the log-in."""
