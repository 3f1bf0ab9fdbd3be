"""Subset the typeface of invoices and pages: Source Sans Pro from PyPI, with the letters that names here are made of.

The whole family is 24 files of 300 kB with Greek and Cyrillic; a subset embeds less in each PDF and renders faster.
Made at set-up and not committed.
"""

import shutil
from pathlib import Path

import font_source_sans_pro
from fontTools import subset

FONTS = Path(__file__).resolve().parent.parent / "var" / "fonts"
STYLES = ["Regular", "Semibold", "Bold", "It"]

# Latin with the accents of Norwegian, Sámi and most European names; Vietnamese names; dashes, quotation marks and dots
# as printed text has them; the euro, arrows and the minus sign of statements.
UNICODES = [
    *range(0x0020, 0x024F + 1),
    *range(0x1E00, 0x1EFF + 1),
    *range(0x2010, 0x2027 + 1),
    *range(0x2190, 0x2193 + 1),
    0x20AC,
    0x2212,
]


def make_subsets(target: Path) -> list[Path]:
    """Write one TTF a style into `target`, with the licence beside them, and return their paths."""
    source = Path(font_source_sans_pro.font_directory)
    target.mkdir(parents=True, exist_ok=True)
    made = []
    for style in STYLES:
        name = f"SourceSansPro-{style}.ttf"
        options = subset.Options(layout_features=["*"], name_IDs=["*"], notdef_outline=True)
        font = subset.load_font(str(source / name), options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=UNICODES)
        subsetter.subset(font)
        subset.save_font(font, str(target / name), options)
        made.append(target / name)
    shutil.copyfile(source / "LICENSE.txt", target / "LICENSE.txt")
    return made


if __name__ == "__main__":
    make_subsets(FONTS)
