"""Where the operating system keeps Chromium, which the browser tests drive."""

import os
import shutil

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
HOW_TO_GET = (
    "install Chromium (sudo apt-get install -y chromium; sudo dnf install chromium) or set CHROMIUM to its path."
)


def find() -> str | None:
    """The path of a Chromium, CHROMIUM's first; None if there is none."""
    if named := os.environ.get("CHROMIUM"):
        return named
    return next((path for name in NAMES if (path := shutil.which(name))), None)
