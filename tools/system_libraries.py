"""The C libraries that WeasyPrint renders PDFs with: are they here, and if not, what to type.

Without libharfbuzz-subset WeasyPrint only warns, and every PDF takes four times as long. So it is asked for like the
others.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys
import time
from typing import NamedTuple, NoReturn


class Library(NamedTuple):
    """One shared library: the names it has on each system, as WeasyPrint tries them, and the package that brings it."""

    title: str
    names: list[str]
    apt: str
    dnf: str
    brew: str


LIBRARIES = [
    Library(
        "gobject",
        ["libgobject-2.0-0", "gobject-2.0", "libgobject-2.0.so.0", "libgobject-2.0.0.dylib"],
        apt="libpango-1.0-0",  # glib has another package name in each release, and pango brings it
        dnf="glib2",
        brew="glib",
    ),
    Library(
        "pango",
        ["libpango-1.0-0", "pango-1.0", "libpango-1.0.so.0", "libpango-1.0.dylib"],
        apt="libpango-1.0-0",
        dnf="pango",
        brew="pango",
    ),
    Library(
        "pangoft2",
        ["libpangoft2-1.0-0", "pangoft2-1.0", "libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"],
        apt="libpangoft2-1.0-0",
        dnf="pango",
        brew="pango",
    ),
    Library(
        "fontconfig",
        ["libfontconfig-1", "fontconfig", "libfontconfig.so.1", "libfontconfig.1.dylib"],
        apt="libfontconfig1",
        dnf="fontconfig",
        brew="fontconfig",
    ),
    Library(
        "harfbuzz",
        ["libharfbuzz-0", "harfbuzz", "libharfbuzz.so.0", "libharfbuzz.0.dylib"],
        apt="libharfbuzz0b",
        dnf="harfbuzz",
        brew="harfbuzz",
    ),
    Library(
        "harfbuzz-subset",
        ["libharfbuzz-subset-0", "harfbuzz-subset", "libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"],
        apt="libharfbuzz-subset0",
        dnf="harfbuzz",
        brew="harfbuzz",
    ),
]


def is_there(library: Library) -> bool:
    """True if one of the library's names loads, by name first and then where the linker looks."""
    for name in library.names:
        for found in (name, ctypes.util.find_library(name) if not name.startswith("lib") else None):
            if found is None:
                continue
            try:
                ctypes.CDLL(found)
            except OSError:
                continue
            return True
    return False


def missing() -> list[Library]:
    """The libraries that do not load, in the order of the table."""
    return [library for library in LIBRARIES if not is_there(library)]


def install_command(libraries: list[Library]) -> list[str]:
    """What to type on this system to get these libraries."""
    if shutil.which("apt-get"):
        packages = sorted({library.apt for library in libraries})
        return ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if shutil.which("dnf"):
        return ["dnf", "install", "-y", *sorted({library.dnf for library in libraries})]
    if sys.platform == "darwin":
        return ["brew", "install", *sorted({library.brew for library in libraries})]
    return []


def may_install() -> bool:
    """Only root on Debian and its kin gets packages installed for them; everybody else is told what to type."""
    return bool(shutil.which("apt-get")) and hasattr(os, "geteuid") and os.geteuid() == 0


def apt_install(packages: list[str]) -> bool:
    """Install packages with apt, trying three times: package servers stumble. True if it worked."""
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for attempt in range(3):
        time.sleep(5 * attempt)
        updated = subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        if updated.returncode != 0:
            continue
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        if subprocess.run(install, env=environment, check=False).returncode == 0:
            return True
    return False


def _give_up(libraries: list[Library]) -> NoReturn:
    titles = ", ".join(library.title for library in libraries)
    command = install_command(libraries)
    if not command:
        sys.exit(f"Invoices need these libraries, which are missing: {titles}. Install Pango and HarfBuzz, then retry.")
    sudo = "" if command[0] == "brew" else "sudo "
    sys.exit(f"Invoices need these libraries, which are missing: {titles}. Install them: {sudo}{' '.join(command)}")


def ensure() -> None:
    """Return if all libraries load; as root on Debian install what is missing; else stop with the command to type."""
    lacking = missing()
    if lacking and may_install():
        print("Installing the libraries that invoices need: " + ", ".join(library.title for library in lacking))
        if apt_install(sorted({library.apt for library in lacking})):
            lacking = missing()
    if lacking:
        _give_up(lacking)
