"""The catalogues under locale/: collect what there is to translate, compile, check that nothing is missing.

    python -m tools.translations collect    # `make messages`; needs gettext
    python -m tools.translations compile    # part of set-up; needs nothing but Babel
    python -m tools.translations check      # part of `make lint`

The source strings are English. So English is filled in from them, and Norwegian Bokmål is what people translate.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ["nb", "en"]
GETTEXT = ["xgettext", "msgmerge", "msgattrib", "msgen"]
NOT_OURS = [".venv", "var", "tests", "tools", "node_modules"]


def catalogues() -> list[Path]:
    """Every .po file of the project and of the clients."""
    return sorted([*ROOT.glob("locale/*/LC_MESSAGES/*.po"), *ROOT.glob("site/clients/*/locale/*/LC_MESSAGES/*.po")])


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, domain=path.stem, abort_invalid=True)


def compile_all() -> None:
    """Write a .mo beside each .po. Fuzzy entries are guesses and stay out."""
    for path in catalogues():
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, _read(path), use_fuzzy=False)


def collect() -> None:
    """Bring the catalogues up to date with the code: new strings come in empty, vanished ones go, none is guessed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    sys.path.append(str(ROOT / "site"))
    import django
    from django.core.management import call_command
    from django.core.management.commands import makemessages

    class Collect(makemessages.Command):
        msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    django.setup()
    call_command(
        Collect(),
        locale=LANGUAGES,
        ignore_patterns=NOT_OURS,
        no_location=True,
        no_obsolete=True,
        no_wrap=True,
        verbosity=0,
    )
    for path in catalogues():
        if path.parent.parent.name == "en":
            subprocess.run(["msgen", "--no-wrap", f"--output-file={path}", str(path)], check=True)


def lacking_gettext() -> list[str]:
    """The programs of gettext that are not installed."""
    return [program for program in GETTEXT if shutil.which(program) is None]


def _faults(path: Path) -> Iterator[str]:
    catalog = _read(path)
    name = path.relative_to(ROOT)
    for message in catalog:
        if not message.id:
            continue
        words = message.id if isinstance(message.id, str) else message.id[0]
        strings = [message.string] if isinstance(message.string, str) else list(message.string or [""])
        if message.fuzzy:
            yield f"{name}: fuzzy: {words!r}"
        if not all(strings):
            yield f"{name}: not translated: {words!r}"
        for error in message.check(catalog):
            yield f"{name}: {error}: {words!r}"


def faults() -> list[str]:
    """A line for each string that is untranslated, fuzzy, or has other placeholders than its source."""
    return [fault for path in catalogues() for fault in _faults(path)]


def differences() -> list[str]:
    """The catalogues that `make messages` would change. Leaves them as they are."""
    before = {path: path.read_bytes() for path in catalogues()}
    try:
        collect()
        return [str(path.relative_to(ROOT)) for path in catalogues() if before.get(path) != path.read_bytes()]
    finally:
        for path in catalogues():
            if path in before:
                path.write_bytes(before[path])
            else:
                path.unlink()


def check() -> int:
    """Print what is wrong with the catalogues, and return 1 if anything is."""
    found = faults()
    if lacking := lacking_gettext():
        found.append(f"Whether the catalogues are up to date cannot be seen without {', '.join(lacking)}: {HOW_TO_GET}")
    else:
        found += [f"{name}: not what `make messages` makes; run it and translate what is new" for name in differences()]
    print("\n".join(found) or "Translations: complete.")
    return 1 if found else 0


HOW_TO_GET = "install gettext (sudo apt-get install -y gettext; sudo dnf install gettext; brew install gettext)."


def main(verb: str) -> int:
    if verb == "compile":
        compile_all()
    elif verb == "check":
        return check()
    elif lacking := lacking_gettext():
        print(f"Collecting strings needs {', '.join(lacking)}: {HOW_TO_GET}")
        return 1
    else:
        collect()
        compile_all()
        print("\n".join(faults()) or "Translations: complete.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
