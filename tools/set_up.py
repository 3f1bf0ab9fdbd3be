"""`make setup`: everything a fresh checkout needs, and next to nothing when it is all there already.

Runs on whatever `python3` is (3.8 or newer) and the standard library alone, for it is what makes the virtual
environment. Each step looks first and works only if it must.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator

from tools import find_python, system_libraries

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
UV_HOME = VAR / "uv"

NO_PYTHON = (
    "HNM Member needs Python 3.12 or newer, and none was found or could be downloaded. Install one (Debian 13, "
    "Ubuntu 24.04: sudo apt install python3; Fedora: sudo dnf install python3.13; macOS: brew install python@3.13) "
    "and run make again."
)
NO_DOWNLOAD = "The packages could not be downloaded after three tries. Check the network and run make again."


def say(sentence: str) -> None:
    print(sentence, flush=True)


def environment() -> dict[str, str]:
    """The environment for pip and uv: the caller's, patient, and without what would lead them to another place."""
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME", "PIP_USER"}}
    clean.setdefault("PIP_DEFAULT_TIMEOUT", "120")
    clean.setdefault("UV_HTTP_TIMEOUT", "120")
    clean.setdefault("UV_SYSTEM_CERTS", "1")  # also those of an organisation that inspects its traffic
    clean.setdefault("UV_LINK_MODE", "copy")
    clean["UV_NO_PROGRESS"] = "1"
    return clean


def run_patiently(command: list[str]) -> bool:
    """Run a command that downloads, up to three times with a growing pause. True if it worked."""
    for attempt in range(3):
        if attempt:
            say(f"That did not work; trying again in {10 * attempt} seconds.")
            time.sleep(10 * attempt)
        if subprocess.run(command, env=environment(), cwd=str(ROOT), check=False).returncode == 0:
            return True
    return False


def fingerprint(*paths: Path) -> str:
    """One hash over the contents of these files, to see whether a step was done for exactly them."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_done(stamp: Path, key: str) -> bool:
    return stamp.is_file() and stamp.read_text() == key


# --- uv --------------------------------------------------------------------------------------------------------------


def ensure_uv() -> str:
    """The path of our own uv, installed from PyPI into var/uv if it is not there yet."""
    uv, stamp, pins = UV_HOME / "bin" / "uv", UV_HOME / "made-from", ROOT / "tools" / "uv.txt"
    if uv.is_file() and is_done(stamp, fingerprint(pins)):
        return str(uv)
    make_venv = [sys.executable, "-m", "venv", "--clear", str(UV_HOME)]
    if subprocess.run(make_venv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode != 0:
        _get_the_venv_module()
        subprocess.run(make_venv, stdout=subprocess.DEVNULL, check=True)
    pip = [str(UV_HOME / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-qq"]
    if not run_patiently([*pip, "install", "--require-hashes", "-r", str(pins)]):
        sys.exit(NO_DOWNLOAD)
    stamp.write_text(fingerprint(pins))
    return str(uv)


def _get_the_venv_module() -> None:
    """Debian and Ubuntu ship Python without the part of `venv` that installs pip."""
    if system_libraries.may_install() and system_libraries.apt_install(["python3-venv"]):
        return
    sys.exit("This Python cannot make virtual environments. Install that part: sudo apt-get install -y python3-venv")


# --- the virtual environment -----------------------------------------------------------------------------------------


def has_venv() -> bool:
    """True if .venv's interpreter still exists and is new enough; an operating system's upgrade may remove it."""
    if not VENV_PYTHON.exists():
        return False
    for line in (VENV / "pyvenv.cfg").read_text().splitlines():
        name, _, value = line.partition("=")
        if name.strip() in {"version", "version_info"}:
            return tuple(int(part) for part in value.strip().split(".")[:2]) >= find_python.OLDEST
    return False


def ensure_venv() -> None:
    if has_venv():
        return
    uv, python = ensure_uv(), find_python.best()
    if python is None:
        say("No Python 3.12 or newer found; asking uv to download one.")
    command = [uv, "venv", "--quiet", "--clear", "--python", python or "3.12", str(VENV)]
    if subprocess.run(command, env=environment(), check=False).returncode != 0:
        sys.exit(NO_PYTHON)


def ensure_packages(*, dev: bool) -> None:
    """Install exactly what requirements.txt, or with `dev` requirements-dev.txt, pins, checking each hash."""
    requirements = ROOT / ("requirements-dev.txt" if dev else "requirements.txt")
    stamp = VENV / f"installed-{requirements.stem}"
    key = fingerprint(requirements)
    if is_done(stamp, key):
        return
    say(f"Installing what {requirements.name} pins.")
    # Compiled once here, also where Python is told to write no .pyc files: every start is twice as fast.
    install = [ensure_uv(), "pip", "install", "--quiet", "--compile-bytecode", "--python", str(VENV_PYTHON)]
    if not run_patiently([*install, "--require-hashes", "-r", str(requirements)]):
        sys.exit(NO_DOWNLOAD)
    stamp.write_text(key)


# --- what is made from sources ---------------------------------------------------------------------------------------


def in_venv(module: str, *arguments: str) -> None:
    """Run one of our modules in the virtual environment; its sentence, if it fails, is ours."""
    if subprocess.run([str(VENV_PYTHON), "-m", module, *arguments], cwd=str(ROOT), check=False).returncode != 0:
        sys.exit(1)


def ensure_fonts() -> None:
    stamp = VAR / "fonts" / "made-from"
    key = fingerprint(ROOT / "tools" / "fonts.py", ROOT / "requirements.txt")
    if not is_done(stamp, key):
        in_venv("tools.fonts")
        stamp.write_text(key)


def ensure_translations() -> None:
    """Compile the catalogues that are newer than what was compiled from them."""
    for catalogue in [*ROOT.glob("locale/*/LC_MESSAGES/*.po"), *ROOT.glob("site/clients/*/locale/*/LC_MESSAGES/*.po")]:
        compiled = catalogue.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime:
            in_venv("tools.translations", "compile")
            return


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two `make` at once would install into each other's environment: the second waits."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "set-up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    parser = argparse.ArgumentParser(description="Make .venv and all that a checkout needs.")
    parser.add_argument("--dev", action="store_true", help="also what the tests and the linters need")
    parser.add_argument("--quiet", action="store_true", help="say nothing when there is nothing to do")
    options = parser.parse_args()
    if shutil.which("git") is None:
        say("git is not on the PATH; running works without it, developing does not.")
    with one_at_a_time():
        system_libraries.ensure()
        ensure_venv()
        ensure_packages(dev=options.dev)
        ensure_fonts()
        ensure_translations()
    if not options.quiet:
        say("Ready. `make run` starts the site, `make test` runs the tests.")


if __name__ == "__main__":
    main()
