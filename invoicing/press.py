"""The printing press: HTML in, PDF files out. WeasyPrint with our own typeface, and nothing from anywhere else.

By itself WeasyPrint fetches whatever a page names, from the network and from the disk, and attaches local files. Here
it gets data addresses and a fixed table of assets called `own:…`; everything else stops the printing. What is costly
to make (typefaces, style sheet, logo) is made once a process; several documents are laid out in one go and cut apart.
"""

import gc
import mimetypes
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.request import DataHandler, Request

from django.conf import settings
from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.document import Document, Page
from weasyprint.pdf.metadata import DocumentMetadata
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

FONTS = {"own:regular": "SourceSansPro-Regular.ttf", "own:semibold": "SourceSansPro-Semibold.ttf"}
LOGO = "own:logo"
_FAMILY = "Print"  # as the style sheet calls it: no font of the machine has that name
_VARIANT = "pdf/ua-1"  # for screen readers: the structure is tagged, the language said

# Pango's and fontconfig's state is one for the process.
_one_at_a_time = threading.Lock()


class PrintError(Exception):
    """The PDF could not be made, or is not what it should be. The message says why."""


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A finished PDF."""

    content: bytes
    page_count: int


class OwnAssets(URLFetcher):
    """Serves `data:` addresses and a fixed table of files; refuses everything else, and thereby the whole document.

    Does not call the parent's constructor: no handler for files or networks exists, and no redirect can be followed.
    """

    def __init__(self, assets: dict[str, Path]) -> None:
        self._assets = assets
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

    def __init__(self) -> None:
        assets = {address: _font(name) for address, name in FONTS.items()}
        logo = _logo()
        self.has_logo = logo is not None
        if logo:
            assets[LOGO] = logo
        self._fetcher = OwnAssets(assets)
        self._fonts = FontConfiguration()
        self._pictures: dict[str, object] = {}
        self._style = CSS(
            string=render_to_string("print/invoice.css", {"accent": settings.CLIENT.site.accent}),
            url_fetcher=self._fetcher,
            font_config=self._fonts,
        )

    def print(self, html: str, *, titles: Sequence[tuple[str, str]]) -> list[Printed]:
        """Lay out a page with several documents and return a PDF for each.

        `titles` names them in order: the id of the element that holds the document, and the PDF's title. Raises
        PrintError when something is missing from the result that only a warning would have told of.
        """
        with _one_at_a_time, _without_gc():
            self._fetcher.refused.clear()
            # WeasyPrint lets a refusal pass while it draws an SVG; so what was refused counts, not what was raised.
            with suppress(FatalURLFetchingError):
                page = HTML(string=html, url_fetcher=self._fetcher, base_url=None)
                whole = page.render(
                    stylesheets=[self._style], font_config=self._fonts, cache=self._pictures, pdf_variant=_VARIANT
                )
                files = [self._cut(whole, element, title) for element, title in titles]
            if self._fetcher.refused:
                raise PrintError(
                    f"The document asks for {self._fetcher.refused[0][:200]}, which is none of our own files."
                )
            return files

    def _cut(self, whole: Document, element: str, title: str) -> Printed:
        pages: list[Page] = [page for page in whole.pages if element in page.anchors]
        if not pages:
            raise PrintError(f"The document {element} has no pages.")
        part = whole.copy(pages)
        part.metadata = DocumentMetadata(
            title=title, lang=whole.metadata.lang, authors=[settings.CLIENT.organisation.name]
        )
        content = part.write_pdf(pdf_variant=_VARIANT)
        if not any(font.family == _FAMILY for font in part.fonts.values()):
            raise PrintError(f"The document is not set in {_FAMILY}.")
        if self.has_logo and self._pictures.get(LOGO) is None:
            raise PrintError("The logo cannot be drawn. Check the file that site.logo of the client snippet names.")
        return Printed(content=content, page_count=len(pages))


@cache
def press() -> Press:
    """The process's printing press, made when first needed."""
    return Press()


def _font(name: str) -> Path:
    path = Path(settings.PRINT_FONTS) / name
    if not path.is_file():
        raise PrintError(f"The typeface {name} is missing. Run `make setup`, which makes it.")
    return path


def _logo() -> Path | None:
    """The logo that the client snippet names, from the client's static files."""
    name = settings.CLIENT.site.logo
    if not name:
        return None
    path = settings.CLIENT_DIR / "static" / name
    if not path.is_file():
        raise PrintError(f"The logo {name} is missing from the client's static files. Add it, or empty site.logo.")
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
