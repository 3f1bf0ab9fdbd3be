"""`make lint`: every check that needs no test, each run even if one before it failed."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = [
    "core",
    "messaging",
    "membership",
    "invoicing",
    "payments",
    "newsletter",
    "home",
    "site/config",
    "tests",
    "tools",
]

PYTHON = [sys.executable]
MANAGE = [*PYTHON, "manage.py"]
CHECKS = {
    "style": [*PYTHON, "-m", "ruff", "check", "."],
    "format": [*PYTHON, "-m", "ruff", "format", "--check", "."],
    "types": [*PYTHON, "-m", "mypy", *OURS],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "production settings": [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
    "translations": [*PYTHON, "-m", "tools.translations", "check"],
}


def environments() -> dict[str, dict[str, str]]:
    """The settings that each check runs with; production's get secrets made for this run."""
    test = {"DJANGO_SETTINGS_MODULE": "config.settings.test", "PYTHONPATH": "site"}
    production = {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "www.example.org",
        "HNM_ADDRESS": "https://www.example.org",
        "DATABASE_URL": "sqlite:///",
    }
    return {"production settings": production} | {name: test for name in CHECKS if name != "production settings"}


def main() -> int:
    """Run all checks and say in the end which failed."""
    failed = []
    for name, command in CHECKS.items():
        print(f"--- {name}", flush=True)
        environment = {**os.environ, **environments()[name]}
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
            failed.append(name)
    print(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
