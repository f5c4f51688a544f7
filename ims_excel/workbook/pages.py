"""What the pages for reading share: band, titles, table headings, print set-up."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from ims_excel.gst.dates import format_date

if TYPE_CHECKING:
    from datetime import date

    from ims_excel.workbook.bookplan import BookPlan
    from ims_excel.workbook.styles import Styles, Worksheet

DOWNLOADED_MARK = "  ·  downloaded on "
"""What stands between a recipient and the day his documents are of."""
A4 = 9
"""Excel's number for the paper."""
_PAGE_WIDTH = 250
"""Characters that A4 landscape takes at sixty per cent, which is the smallest that people can read."""
_NEGATIVES = (
    (-10_000_000, r"##\,##\,##\,##0.00;-##\,##\,##\,##0.00"),
    (-100_000, r"##\,##\,##0.00;-##\,##\,##0.00"),
)


def draw_band(worksheet: Worksheet, styles: Styles, title: str, subtitle: str, last_column: int) -> None:
    """Draw the two coloured rows on top, from the margin on the left to the one on the right."""
    look = {"bg_color": styles.colour("band"), "font_color": styles.colour("band_text")}
    big = styles.get(bold=True, font_size=styles.theme.font_size + 8, **look)
    small = styles.get(font_size=styles.theme.font_size + 1, valign="top", **look)
    for row, height, text, style in ((0, 36, title, big), (1, 24, subtitle, small)):
        worksheet.set_row(row, height)
        for column in range(last_column + 2):
            worksheet.write(row, column, text if column == 1 else None, style)


def draw_title(worksheet: Worksheet, styles: Styles, row: int, words: str) -> None:
    """Write the title of a part of the page in a 1-based row."""
    look = styles.get(bold=True, font_size=styles.theme.font_size + 3, font_color=styles.colour("accent"))
    worksheet.set_row(row - 1, 26)
    worksheet.write_string(row - 1, 1, words, look)


def draw_headings(worksheet: Worksheet, styles: Styles, row: int, words: tuple[str, ...], texts: int) -> None:
    """Write a table's headings in a 1-based row: the first ``texts`` to the left, figures to the right."""
    worksheet.set_row(row - 1, 22)
    for index, heading in enumerate(words):
        look = styles.get(
            bold=True,
            align="left" if index < texts else "right",
            bg_color=styles.colour("portal_heading"),
            font_color=styles.colour("text"),
            bottom=1,
            bottom_color=styles.colour("accent"),
        )
        worksheet.write(row - 1, index + 1, heading or None, look)


def table_look(styles: Styles, *, bold: bool = False) -> dict[str, object]:
    """Give the properties of a table's cells, those of a total in bold on a panel."""
    look: dict[str, object] = {
        "bottom": 1,
        "bottom_color": styles.colour("rule"),
        "font_color": styles.colour("text"),
    }
    return {**look, "bold": True, "bg_color": styles.colour("panel")} if bold else look


def group_negatives(worksheet: Worksheet, styles: Styles, cells: str) -> None:
    """Give lakhs and crores below zero their Indian grouping, which one number format has no room for."""
    for limit, form in _NEGATIVES:
        look = styles.mark("", num_format=form)
        worksheet.conditional_format(
            cells, {"type": "cell", "criteria": "<=", "value": limit, "format": look}
        )


def set_page(worksheet: Worksheet, recipient: str, pages_wide: int = 1) -> None:
    """Print on A4 landscape, with the GSTIN, the sheet and page numbers below."""
    worksheet.set_landscape()
    worksheet.set_paper(A4)
    worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    worksheet.fit_to_pages(pages_wide, 0)
    worksheet.set_footer(f"&L&8 {recipient}&C&8 &A&R&8 Page &P of &N")


def pages_for(width: float, repeated: float) -> int:
    """Say how many pages a wide sheet takes side by side, so that it can still be read.

    Args:
        width: of all its columns, in characters.
        repeated: of those that come again on every page.
    """
    return max(1, ceil((width - repeated) / (_PAGE_WIDTH - repeated)))


def recipient_line(plan: BookPlan) -> str:
    """Say whose workbook it is and from when."""
    state = f" ({plan.state})" if plan.state else ""
    return f"{plan.recipient}{state}{downloaded_on(plan.snapshot.downloaded_at.date())}"


def downloaded_on(day: date) -> str:
    """Say from when the documents are, as it stands behind the recipient."""
    return DOWNLOADED_MARK + format_date(day)
