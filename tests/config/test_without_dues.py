"""An association without dues has no invoicing and no payments, and the rest runs the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WALK = """
from django.test import Client
from django.apps import apps
from django.utils import timezone
from membership import joining
from membership.models import JoinPage, Member, MembershipType

assert not apps.is_installed("invoicing") and not apps.is_installed("payments")
owner = MembershipType.objects.get(code="EIER")
person = joining.PersonData(first_names="Åse", last_name="Øye", email="ase@example.no")
joining.join(people=[person], wanted_type=owner, on=timezone.localdate(), at=timezone.now())
visitor = Client()
for address in ("/", JoinPage.objects.get().url, "/konto/login/", "/sok/?q=styret"):
    assert visitor.get(address).status_code == 200, address
visitor.force_login(Member.objects.get().user)
for address in ("/min-side/", "/min-side/medlemskap/", "/min-side/samtykker/"):
    assert visitor.get(address).status_code == 200, address
assert visitor.get("/min-side/fakturaer/").status_code == 404
print("walked", Member.objects.in_status("active", on=timezone.localdate()).count())
"""


@pytest.fixture
def manage(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Run a command of a housing co-op's installation of its own."""
    environment = {
        **os.environ, "HNM_CLIENT": "gronland61", "HNM_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "config.settings.dev", "DATABASE_URL": f"sqlite:///{tmp_path / 'co-op.sqlite3'}",
    }  # fmt: skip

    def run(*arguments: str) -> str:
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_a_housing_co_op_runs_without_dues(manage) -> None:  # type: ignore[no-untyped-def]
    manage("migrate", "--verbosity", "0")
    manage("setup")
    assert "everything was there already" in manage("setup")
    assert manage("shell", "--verbosity", "0", "--command", WALK).strip().endswith("walked 1")
    manage("nightly")
