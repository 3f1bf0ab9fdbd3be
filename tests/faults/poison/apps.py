import os
import signal

from django.apps import AppConfig

from messaging import attachments


class PoisonConfig(AppConfig):
    name = "tests.faults.poison"

    def ready(self) -> None:
        attachments.register("poison", _die)


def _die(key: str) -> attachments.Attachment:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody is left to read this")
