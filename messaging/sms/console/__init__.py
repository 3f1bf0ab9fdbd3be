"""Prints SMS instead of sending them: for one's own machine."""

from messaging.sms.console.gateway import ConsoleGateway

__all__ = ["ConsoleGateway"]
