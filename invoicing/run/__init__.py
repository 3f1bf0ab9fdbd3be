"""Invoicing the year: looked at first, then issued in the background, a portion at a time."""
