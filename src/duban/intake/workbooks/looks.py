"""How the cells of a workbook look: what may be filled in is told by its frame, what is known by having none, with and without colour."""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

INK, DIM, LINE, FRAME = "#17211F", "#47534F", "#DDE3DF", "#8A9792"
JADE, GREY, YELLOW, WHITE = "#0B5D57", "#ECEEED", "#FFF8DC", "#FFFFFF"
FONTS: Final = {"zh-hans": "微软雅黑", "zh-hant": "Microsoft JhengHei", "en": "Calibri"}
SIZE: Final = 10.5
A4: Final = 9
HATCH: Final = 14


def width(text: str) -> int:
    """How many columns of a typewriter `text` takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


class Looks:
    """The formats of one workbook; each set of properties is one format."""

    def __init__(self, book: Workbook, language: str, *, left: str, right: str) -> None:
        self.book, self.font, self.above = book, FONTS[language], (left, right)
        self.formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def style(self, **wanted: Any) -> Format:
        """A format, with the workbook's font and ink where nothing else is wanted."""
        key = tuple(sorted(wanted.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(
                {"font_name": self.font, "font_size": SIZE, "font_color": INK, "valign": "vcenter", **wanted}
            )
        return self.formats[key]

    def open(self, colour: str, **more: Any) -> dict[str, Any]:
        """A framed cell in which something may be said."""
        return {"bg_color": colour, "border": 1, "border_color": FRAME, "locked": False, **more}

    def locked(self, **more: Any) -> dict[str, Any]:
        """A grey cell without a frame."""
        return {"bg_color": GREY, "font_color": DIM, "bottom": 1, "bottom_color": LINE, **more}

    def elsewhere(self, **more: Any) -> dict[str, Any]:
        """A hatched cell: not asked here."""
        hatched = {"pattern": HATCH, "fg_color": LINE, "bg_color": WHITE}
        return {**hatched, "font_color": DIM, "bottom": 1, "bottom_color": LINE, "italic": True, **more}

    def printed(self, sheet: Worksheet, *, landscape: bool) -> None:
        """A4, one page wide, with the title above and the page's number below."""
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.75, bottom=0.75)
        left, right = (text[:80].replace("&", "&&") for text in self.above)
        # a space after a size keeps digits that follow it from being read as part of it
        sheet.set_header(f"&L&9 {left}&R&9 {right}")
        sheet.set_footer("&L&9 &A&R&9 " + _("page %(page)s of %(pages)s") % {"page": "&P", "pages": "&N"})
