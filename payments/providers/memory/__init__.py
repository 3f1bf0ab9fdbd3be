"""A provider that moves no money: for tests and the demo."""

from payments.providers.memory.client import MemoryProvider, expire, say_no, say_yes, waiting

__all__ = ["MemoryProvider", "expire", "say_no", "say_yes", "waiting"]
