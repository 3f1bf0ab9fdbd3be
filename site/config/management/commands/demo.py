"""`manage.py demo`: fill an empty installation with two years of an association's life, to try things on."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone, translation

from config import demo
from core.commands import Command as BaseCommand
from membership.models import Member, MembershipType


class Command(BaseCommand):
    help = "Make two years of life of three households and an association of about eighty. Only in an empty registry."

    def handle(self, *args: Any, **options: Any) -> None:
        if demo.is_there():
            self.stdout.write("The demo is here already.")
            return
        if not settings.DEBUG:
            raise CommandError("The demo has well-known passwords. It is made only where DEBUG is on.")
        if Member.objects.exists():
            raise CommandError("There are members in this registry. The demo is made only in an empty one.")
        if settings.CLIENT.name not in demo.CLIENTS:
            raise CommandError(
                f"The demo tells of {' and '.join(demo.CLIENTS)}. Set HNM_CLIENT=vvnf, run setup, and try again."
            )
        if not MembershipType.objects.exists():
            raise CommandError("There are no membership types yet. Run manage.py setup, and try again.")
        with translation.override(settings.CLIENT.site.language):
            result = demo.build(today=timezone.localdate())
        self.stdout.write(str(result))
        self.stdout.write("\n".join(["Log in as:", *demo.log_in_lines()]))
