#!/usr/bin/env python
"""Django's command line. `site/` is a folder on the path, never a package: see README.md."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Put `site/` on the path, so that `config` can be imported, and run the command."""
    sys.path.insert(1, str(Path(__file__).resolve().parent / "site"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
