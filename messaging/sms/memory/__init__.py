"""Keeps SMS in memory: for tests and the demo."""

from messaging.sms.memory.gateway import MemoryGateway, Sms, sent

__all__ = ["MemoryGateway", "Sms", "sent"]
