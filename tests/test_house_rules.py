"""The rules of the house that a program can check. Each test's failure says the rule and where it is broken."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# The order of the story. Each may import those before it, none after it; `config` puts all together.
ORDER = ["core", "messaging", "membership", "invoicing", "payments", "newsletter", "home", "config"]
APPS = ORDER[:-1]

# Where a request, a task or a command comes in, and where the office's screens are made: these may read the clock.
CLOCK_READERS = {
    "**/views.py",
    "**/views/*.py",
    "**/*_views.py",
    "**/pages.py",
    "**/viewsets.py",
    "**/ledgers.py",
    "**/reports.py",
    "**/tasks.py",
    "**/middleware.py",
    "**/wagtail_hooks.py",
    "**/management/commands/*.py",
}
GETTEXTS = {"_", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy", "ngettext", "ngettext_lazy"}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def folder_of(app: str) -> Path:
    return ROOT / "site" / "config" if app == "config" else ROOT / app


def python_files(*apps: str) -> list[Path]:
    """The Python files of these apps, migrations aside."""
    return [path for app in apps for path in sorted(folder_of(app).rglob("*.py")) if "migrations" not in path.parts]


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_modules(path: Path) -> Iterator[tuple[int, str]]:
    """Each absolute import anywhere in the file, also inside functions: (line, module)."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def importers_of(package: str) -> set[str]:
    """The files of ours that import this package."""
    return {
        str(path.relative_to(ROOT))
        for path in python_files(*ORDER)
        for _, module in imported_modules(path)
        if module.split(".")[0] == package
    }


@pytest.mark.parametrize("app", ORDER)
def test_imports_point_to_earlier_apps_only(app: str) -> None:
    later = [*ORDER[ORDER.index(app) + 1 :], "tests", "tools"]
    wrong = [
        f"{where(path, line)} imports {module}"
        for path in python_files(app)
        for line, module in imported_modules(path)
        if module.split(".")[0] in later
    ]
    assert wrong == [], "An app imports only apps before it in the story; news travels forward by signals."


RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField", "ParentalKey", "ParentalManyToManyField"}


def related_models(path: Path) -> Iterator[tuple[int, str]]:
    """The models that relations in this file name as strings, where no import would show them: (line, app.Model)."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in RELATIONS:
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield node.lineno, argument.value


@pytest.mark.parametrize("app", APPS)
def test_relations_point_to_earlier_apps_only(app: str) -> None:
    later = ORDER[ORDER.index(app) + 1 :]
    wrong = [
        f"{where(path, line)} names {model}"
        for path in python_files(app)
        for line, model in related_models(path)
        if model.split(".")[0] in later
    ]
    assert wrong == [], "A relation points to an earlier app's model; the later app holds the key."


def test_modeladmin_has_one_importer() -> None:
    assert importers_of("wagtail_modeladmin") <= {"core/ledgers.py"}, (
        "wagtail_modeladmin shows rows that only the machine writes, through core/ledgers.py; all else is a ViewSet."
    )


def test_django_q_has_one_importer() -> None:
    assert importers_of("django_q") <= {"site/config/queue.py"}, (
        "Work is enqueued through django.tasks; only site/config/queue.py knows what runs it."
    )


def test_site_is_no_package() -> None:
    assert not (ROOT / "site" / "__init__.py").exists(), (
        "Remove site/__init__.py. Python's own module `site` is imported before any program starts; a package of that "
        "name on the path can replace it, and the virtual environment vanishes. site/ is only a folder on the path."
    )


def test_git_does_not_ignore_the_folder_site() -> None:
    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", "site/config/urls.py", "site/clients/vvnf/client.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ignored.stdout == "", "Take /site out of .gitignore: here it is source."


# --- time comes in ---------------------------------------------------------------------------------------------------


def may_read_the_clock(path: Path) -> bool:
    return any(path.match(pattern.removeprefix("**/")) for pattern in CLOCK_READERS)


def clock_reads(path: Path) -> Iterator[str]:
    """Where the file asks, or lets Django or the database ask, what time it is."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow", "localdate"}:
            owner = ast.unparse(node.value).rpartition(".")[2]
            if owner in {"datetime", "date", "timezone", "dt"}:
                yield f"{where(path, node.lineno)} {ast.unparse(node)}"
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (node.module, alias.name) in {
                    ("django.db.models.functions", "Now"),
                    ("django.utils.timezone", "now"),
                    ("django.utils.timezone", "localdate"),
                }:
                    yield f"{where(path, node.lineno)} imports {alias.name}"


def test_time_comes_in() -> None:
    reads = [read for path in python_files(*APPS) if not may_read_the_clock(path) for read in clock_reads(path)]
    assert reads == [], (
        "Story functions take `on: date` or `at: datetime`; only views, tasks and commands read the clock."
    )


def test_ruff_lets_the_same_files_read_the_clock() -> None:
    ignores = PYPROJECT["tool"]["ruff"]["lint"]["per-file-ignores"]
    assert {pattern for pattern, rules in ignores.items() if "TID251" in rules} == {
        *CLOCK_READERS,
        "**/migrations/*.py",
        "tests/**",
        "tools/**",
    }


# --- templates -------------------------------------------------------------------------------------------------------

MAIL = ROOT / "templates" / "mail"
MAIL_FILES = {"subject.txt", "body.txt", "body.html"}

NOT_WORDS = [
    r"{#.*?#}|{%\s*comment.*?{%\s*endcomment\s*%}",
    r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}",
    r"<style\b.*?</style>|<!--.*?-->",
    r"{%.*?%}|{{.*?}}",
    r"<[^>]*>|&\w+;|&#\d+;",
]


def untranslated_words(template: str) -> str:
    """What is left of a template without its translated blocks, tags, variables and markup: should be no letters."""
    for pattern in NOT_WORDS:
        template = re.sub(pattern, " ", template, flags=re.DOTALL)
    return " ".join(re.findall(r"[^\W\d_]+", template))


def mails() -> list[Path]:
    return [folder for folder in sorted(MAIL.iterdir()) if folder.is_dir()] if MAIL.is_dir() else []


def test_no_words_to_translate_stand_inside_an_f_string() -> None:
    """The collector of strings does not look there: they would stay English without anybody being told."""
    hidden = [
        where(path, node.lineno)
        for path in python_files(*ORDER)
        for text in ast.walk(tree_of(path))
        if isinstance(text, ast.JoinedStr)
        for node in ast.walk(text)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXTS
    ]
    assert hidden == []


def test_every_mail_has_subject_text_and_html() -> None:
    incomplete = {
        folder.name: sorted(MAIL_FILES - {file.name for file in folder.iterdir()})
        for folder in mails()
        if not {file.name for file in folder.iterdir()} >= MAIL_FILES
    }
    assert incomplete == {}, "A mail is a folder with subject.txt, body.txt and body.html."


def test_every_mail_is_translated() -> None:
    words = {
        str(file.relative_to(MAIL)): found
        for folder in mails()
        for file in sorted(folder.iterdir())
        if (found := untranslated_words(file.read_text(encoding="utf-8")))
    }
    assert words == {}, "Put these words into {% translate %} or {% blocktranslate %}."


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% load i18n %}{% blocktranslate with name=member.name %}Dear {{ name }}{% endblocktranslate %},\n", ""),
        ('{% translate "Welcome" %} – {{ place }}', ""),
        ("<style>p { color: red }</style><p class=lead>Hello&nbsp;there</p>", "Hello there"),
    ],
)
def test_untranslated_words(template: str, expected: str) -> None:
    assert untranslated_words(template) == expected


# Printed pages and mails carry their styles with them, and Wagtail's own screens need inline scripts.
WITH_STYLES_INSIDE = {"mail", "print", "wagtailadmin", "office"}

INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']"),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\b(?:src\s*=|type\s*=\s*[\"']application/(?:ld\+)?json))"),
}


def public_templates() -> list[Path]:
    folders = [ROOT / "templates", *ROOT.glob("site/clients/*/templates"), *ROOT.glob("*/templates")]
    found = {path for folder in folders for path in folder.rglob("*.html")}
    return sorted(path for path in found if not WITH_STYLES_INSIDE & set(path.relative_to(ROOT).parts))


def test_public_templates_have_nothing_inline() -> None:
    inline = [
        f"{path.relative_to(ROOT)}: {title}"
        for path in public_templates()
        for title, pattern in INLINE.items()
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert inline == [], "The content security policy forbids it: use a class, or a module under site/static/."


def test_every_input_says_its_type() -> None:
    """Wagtail draws a frame around typed inputs only: without a type nobody sees where to write."""
    tag = re.compile(r"<input\b[^>]*>")
    untyped = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for found in tag.findall(path.read_text(encoding="utf-8"))
        if "type=" not in found
    ]
    assert untyped == []


# --- files and dependencies ------------------------------------------------------------------------------------------


def test_no_file_is_too_long() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in [*python_files(*ORDER), *(ROOT / "tests").rglob("*.py"), *(ROOT / "tools").glob("*.py")]
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 600
    }
    assert long == {}, "Split by what happens, not by kind."


def test_every_dependency_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    names = [*PYPROJECT["project"]["dependencies"], *PYPROJECT["dependency-groups"]["dev"]]
    without = [name for name in names if not any(re.match(rf'\s+"{re.escape(name)}",\s+# \w', line) for line in lines)]
    assert without == [], "Say in pyproject.toml, on the line of the dependency, what it is for."


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "tools/uv.txt"])
def test_requirements_are_exact_and_without_addresses(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text and "--index-url" not in text and "--find-links" not in text
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert [line for line in requirements if not re.match(r"[\w.\-\[\],]+==\S+.*--hash=sha256:", line, re.DOTALL)] == []


def test_tests_use_the_versions_that_run() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[\w.\-]+==\S+", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.txt") <= pins("requirements-dev.txt")
