"""Bank files: one module a format. Pure readers: bytes in, lines out, one error type (see lines.py)."""
