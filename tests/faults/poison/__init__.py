"""An attachment that kills whoever makes it, as a PDF does that takes all memory."""
