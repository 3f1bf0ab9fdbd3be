"""The printing press: HTML in, PDF files out. WeasyPrint with our own typeface, and nothing from anywhere else.

By itself WeasyPrint fetches whatever a page names, from the network and from the disk, and attaches local files. Here
it gets data addresses and a fixed table of assets called `own:…`; everything else stops the printing. What is costly
to make (typefaces, style sheet, logo) is made once a process, which halves the time and keeps the memory flat. Laying
out several documents in one go and cutting them apart was measured too: WeasyPrint 70 is slower that way.
"""

import gc
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.request import DataHandler, Request

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from invoicing.models import PrintLook

FONTS = {"own:regular": "SourceSansPro-Regular.ttf", "own:semibold": "SourceSansPro-Semibold.ttf"}
LOGO = "own:logo"
_FAMILY = "Print"  # as the style sheet calls it: no font of the machine has that name
# PDF/A-2a: it can be read in thirty years, and by a screen reader, because the structure is tagged and the language
# said. An eighth dearer in time than PDF/UA, and 3 kB larger.
_VARIANT = "pdf/a-2a"

# Pango's and fontconfig's state is one for the process.
_one_at_a_time = threading.Lock()


class PrintError(Exception):
    """The PDF could not be made, or is not what it should be. The message says why."""


class LogoError(PrintError):
    """The logo is no picture, or one that cannot be drawn."""


class OwnAssets(URLFetcher):
    """Serves `data:` addresses and a fixed table of files; refuses everything else, and thereby the whole document.

    Does not call the parent's constructor: no handler for files or networks exists, and no redirect can be followed.
    """

    def __init__(self, assets: dict[str, Path]) -> None:
        self._assets = assets
        self._fail_on_errors = False  # WeasyPrint asks when a file of ours is gone; what is missing then, Press finds
        self.refused: list[str] = []

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        if url.startswith("data:"):
            answer = DataHandler().data_open(Request(url))
            return URLFetcherResponse(url, answer.read(), {"Content-Type": answer.headers["Content-type"]})
        if url not in self._assets:
            self.refused.append(url)
            raise FatalURLFetchingError(url)
        path = self._assets[url]
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    def open(self, url: object, data: object = None, timeout: object = None) -> URLFetcherResponse:
        return self.fetch(url.full_url if isinstance(url, Request) else str(url))


class Press:
    """What is made once: the typefaces, the style sheet and the pictures, ready for any number of documents."""

    def __init__(self, style: "Style") -> None:
        assets = {address: _font(name) for address, name in FONTS.items()}
        self.has_logo = style.logo is not None
        if style.logo:
            assets[LOGO] = style.logo
        self._fetcher = OwnAssets(assets)
        self._fonts = FontConfiguration()
        self._pictures: dict[str, object] = {}
        self._style = CSS(
            string=render_to_string("print/invoice.css", {"accent": style.accent, "design": style.design}),
            url_fetcher=self._fetcher,
            font_config=self._fonts,
        )

    def print(self, html: str) -> bytes:
        """Lay out a page and return it as a PDF.

        Raises PrintError when it asks for a file that is not ours, or when something is missing from the result that
        only a warning would have told of.
        """
        with _one_at_a_time, _without_gc():
            self._fetcher.refused.clear()
            # WeasyPrint lets a refusal pass while it draws an SVG; so what was refused counts, not what was raised.
            with suppress(FatalURLFetchingError):
                page = HTML(string=html, url_fetcher=self._fetcher, base_url=None)
                document = page.render(
                    stylesheets=[self._style], font_config=self._fonts, cache=self._pictures, pdf_variant=_VARIANT
                )
                content: bytes = document.write_pdf(pdf_variant=_VARIANT)
            if self._fetcher.refused:
                words = {"address": self._fetcher.refused[0][:200]}
                raise PrintError(_("It asks for %(address)s, which is none of our own files.") % words)
            self._refuse_unless_whole(document, asks_for_logo=LOGO in html)
            return content

    def _refuse_unless_whole(self, document: Document, *, asks_for_logo: bool) -> None:
        if not any(font.family == _FAMILY for font in document.fonts.values()):
            raise PrintError(_("It is not set in our own typeface."))
        if asks_for_logo and self._pictures.get(LOGO) is None:
            self._pictures.pop(LOGO, None)  # read anew once it has been mended
            raise LogoError(
                _("The logo cannot be drawn. Check the picture in the look of documents, or the file that site.logo of "
                  "the client snippet names.")
            )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Style:
    """What of a look the style sheet and the pictures depend on."""

    design: str
    accent: str
    logo: Path | None


def press(look: PrintLook) -> Press:
    """The process's printing press for a look, made when first needed."""
    own_logo = Path(look.logo.file.path) if look.logo else None
    accent = look.accent or settings.CLIENT.site.accent
    return made(Style(design=look.design, accent=accent, logo=own_logo or _logo()))


@lru_cache(maxsize=3)
def made(style: Style) -> Press:
    """A press for that style: costly to make, so the last few are kept."""
    return Press(style)


def _font(name: str) -> Path:
    path = Path(settings.PRINT_FONTS) / name
    if not path.is_file():
        raise PrintError(_("The typeface %(name)s is missing. Run `make setup`, which makes it.") % {"name": name})
    return path


def _logo() -> Path | None:
    """The logo that the client snippet names, from the client's static files."""
    name = settings.CLIENT.site.logo
    if not name:
        return None
    path = settings.CLIENT_DIR / "static" / name
    if not path.is_file():
        raise PrintError(
            _("The logo %(name)s is missing from the client's static files. Add it, or empty site.logo.")
            % {"name": name}
        )
    return Path(path)


@contextmanager
def _without_gc() -> Iterator[None]:
    """Collecting garbage amid a layout costs a third of its time and finds nothing: boxes live until the end."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
