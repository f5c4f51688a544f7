"""Drawing Home: whose file, from when, where to find what, and how to use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.grid import SUMMARY_SHEET
from ims_excel.workbook.pages import (
    draw_band,
    draw_headings,
    draw_title,
    group_negatives,
    recipient_line,
    set_page,
    table_look,
)
from ims_excel.workbook.ranges import area
from ims_excel.workbook.sumformulas import count_all, count_status, net, sum_all
from ims_excel.workbook.summary import NO_ACTION
from ims_excel.workbook.totals import HEADS, STATUSES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from ims_excel.portal.sections import Section
    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.workbook.bookplan import BookPlan
    from ims_excel.workbook.styles import Format, Styles, Worksheet
    from ims_excel.workbook.totals import Totals

HOME_TITLE = "GST Invoice Management System"
_WIDTHS = (3.5, 26, 46, 13, 20, 20, 15, 2.5)
_LAST = 6
_HEADINGS = ("Sheet", "What it holds", "Documents", "Taxable Value (₹)", "Tax (₹)", "At No Action")
_AMOUNTS = (4, 5)
"""0-based columns of the table that hold amounts; the others behind the texts hold counts."""
_FACTS_ROW = 4
_MOST_SOURCES = 6
_TIME = "%d-%m-%Y, %H:%M"
_LINES = (
    "Open a sheet and look at each document; where its number is highlighted, Alerts says why.",
    "Choose a Status: Accepted, Rejected, Pending or No Action; add Remarks where they help the supplier.",
    "On amended and credit-note sheets, answer for Accepted documents whether ITC is to be reduced.",
    "Sort, filter and add columns of your own as you like; the portal's own columns are restored if changed.",
    'Save, close, run "ims-xl harvest" on this file, correct what it marks, upload the JSON at the portal.',
)


def draw_home(worksheet: Worksheet, plan: BookPlan, totals: Totals, styles: Styles) -> None:
    """Draw the sheet from the top down."""
    page = _Home(worksheet, plan, totals, styles)
    page.set_up()
    row = page.draw_facts(_FACTS_ROW)
    row = page.draw_sheets(row + 1)
    row = page.draw_left_out(row)
    page.draw_lines(row + 1)


def download_facts(snapshot: Snapshot) -> dict[str, str]:
    """Say when the documents were downloaded and in which files, by what stands left of it."""
    names = [source.name for source in snapshot.sources]
    more = f" and {len(names) - _MOST_SOURCES} more" if len(names) > _MOST_SOURCES else ""
    return {
        "Downloaded": snapshot.downloaded_at.strftime(_TIME),
        "From": (", ".join(names[:_MOST_SOURCES]) or "–") + more,
    }


class _Home:
    """The sheet while it is drawn; rows are 1-based, and each part gives the row behind it."""

    def __init__(self, worksheet: Worksheet, plan: BookPlan, totals: Totals, styles: Styles) -> None:
        self._worksheet = worksheet
        self._plan = plan
        self._totals = totals
        self._styles = styles

    def set_up(self) -> None:
        """Set columns, band, firm, view and print."""
        worksheet, styles = self._worksheet, self._styles
        for index, width in enumerate(_WIDTHS):
            worksheet.set_column(index, index, width)
        worksheet.hide_gridlines(2)
        worksheet.set_tab_color(styles.colour("band"))
        set_page(worksheet, self._plan.recipient)
        draw_band(worksheet, styles, HOME_TITLE, recipient_line(self._plan), _LAST)
        self._draw_firm()
        worksheet.activate()
        worksheet.set_first_sheet()

    def draw_facts(self, row: int) -> int:
        """Write whose file it is and where it comes from."""
        plan = self._plan
        facts = (
            ("Recipient GSTIN", plan.recipient),
            ("State", plan.state or "–"),
            *download_facts(plan.snapshot).items(),
            ("Workbook built", f"{plan.built_at.strftime(_TIME)} by ims-xl {plan.tool_version}"),
        )
        label = self._styles.get(font_color=self._styles.colour("muted"))
        value = self._styles.get(bold=True, font_color=self._styles.colour("text"))
        for place, (words, text) in enumerate(facts, start=row - 1):
            self._worksheet.set_row(place, 17)
            self._worksheet.write_string(place, 1, words, label)
            self._worksheet.write_string(place, 2, text, value)
        return row + len(facts)

    def draw_sheets(self, row: int) -> int:
        """Draw the table of sheets."""
        draw_title(self._worksheet, self._styles, row, "Sheets")
        draw_headings(self._worksheet, self._styles, row + 1, _HEADINGS, texts=2)
        first = row + 2
        for place, section in enumerate(self._plan.listed):
            self._draw_section(first + place, section)
        total = first + len(self._plan.listed)
        self._draw_total(total, first)
        self._draw_link(total + 1, SUMMARY_SHEET, "By section and status, with what will be deemed accepted")
        return total + 2

    def draw_left_out(self, row: int) -> int:
        """Warn of the sections that can only be acted on online."""
        for sheet in self._plan.read_only:
            self._draw_read_only(row, sheet.title, len(sheet.records))
            row += 1
        return row

    def draw_lines(self, row: int) -> None:
        """Write how to use the workbook, in five lines."""
        draw_title(self._worksheet, self._styles, row, "How to use this workbook")
        number = self._styles.get(bold=True, align="center", font_color=self._styles.colour("accent"))
        text = self._styles.get(font_color=self._styles.colour("text"))
        for place, line in enumerate(_LINES, start=1):
            self._worksheet.set_row(row - 1 + place, 18)
            self._worksheet.write_string(row - 1 + place, 0, str(place), number)
            self._worksheet.write_string(row - 1 + place, 1, line, text)

    def _draw_firm(self) -> None:
        """Put the firm's name and logo at the right end of the band."""
        theme, styles = self._styles.theme, self._styles
        if theme.firm:
            look = styles.get(
                bold=True,
                align="right",
                font_size=theme.font_size + 2,
                bg_color=styles.colour("band"),
                font_color=styles.colour("band_text"),
            )
            self._worksheet.write_string(1, _LAST, theme.firm, look)
        if theme.logo:
            scale = self._styles.logo_scale(theme.logo)
            place = {"object_position": 3, "x_offset": 6, "y_offset": 4, "x_scale": scale, "y_scale": scale}
            self._worksheet.insert_image(
                0, _LAST, str(theme.logo), {**place, "description": f"Logo of {theme.firm}"}
            )

    def _draw_section(self, row: int, section: Section) -> None:
        sheets = self._plan.sheets_of(section)
        sums = self._totals.section(section)
        more = "".join(f", {sheet.title}" for sheet in sheets[1:])
        holds = f"{section.title}{' (lower ITC)' if section.reduces_itc else ''}"
        words = f"{holds}; continues on {more[2:]}" if more else holds
        if section in self._plan.sections:
            self._draw_link(row, sheets[0].title, words)
        else:
            self._draw_texts(row, sheets[0].title, words)
        formulas = (
            count_all(sheets),
            sum_all(sheets, "taxable_value"),
            sum_all(sheets, *HEADS[1:]),
            count_status(sheets, f'"{NO_ACTION}"'),
        )
        undecided = self._totals.of(section, NO_ACTION).count
        self._figures(row, formulas, (sums.count, sums.amounts["taxable_value"], sums.tax, undecided))

    def _draw_total(self, row: int, first: int) -> None:
        """Draw the table's last line: credit notes are counted, but their amounts are subtracted."""
        group_negatives(self._worksheet, self._styles, area(_AMOUNTS[0], row, _AMOUNTS[-1], row))
        rows = [(section, first + place) for place, section in enumerate(self._plan.listed)]
        formulas = [
            net(rows, column_letters(column), signed=column in _AMOUNTS) for column in range(3, _LAST + 1)
        ]
        whole = self._totals.net(self._plan.listed, *STATUSES)
        undecided = self._totals.net(self._plan.listed, NO_ACTION).count
        look = self._styles.get(**table_look(self._styles, bold=True))
        self._worksheet.set_row(row - 1, 20)
        self._worksheet.write_string(row - 1, 1, "All sheets", look)
        self._worksheet.write_string(row - 1, 2, "amounts of credit notes subtracted", look)
        amounts = (whole.count, whole.amounts["taxable_value"], whole.tax, undecided)
        self._figures(row, formulas, amounts, bold=True)

    def _figures(
        self, row: int, formulas: Sequence[str], amounts: Sequence[int | Decimal], *, bold: bool = False
    ) -> None:
        formats = self._styles.theme.formats
        for column, (formula, amount) in enumerate(zip(formulas, amounts, strict=True), start=3):
            form = formats["amount" if column in _AMOUNTS else "count"]
            look = self._styles.get(**table_look(self._styles, bold=bold), num_format=form, align="right")
            self._worksheet.write_formula(row - 1, column, formula, look, float(amount))

    def _draw_link(self, row: int, title: str, words: str) -> None:
        self._draw_texts(row, title, words)
        look = table_look(self._styles)
        link = {**look, "font_color": self._styles.colour("accent"), "underline": 1, "bold": True}
        self._link(row, title, self._styles.get(**link))

    def _draw_texts(self, row: int, title: str, words: str) -> None:
        """Write a line of the table without its figures; a sheet that is not there has no link."""
        look = self._styles.get(**table_look(self._styles))
        self._worksheet.set_row(row - 1, 18)
        for column, text in zip(range(1, _LAST + 1), (title, words), strict=False):
            self._worksheet.write(row - 1, column, text, look)
        for column in range(3, _LAST + 1):
            self._worksheet.write(row - 1, column, None, look)

    def _draw_read_only(self, row: int, title: str, count: int) -> None:
        """Write the line of a sheet that people can look at but not decide on here."""
        alert = {"bg_color": self._styles.colour("alert"), "font_color": self._styles.colour("alert_text")}
        look = self._styles.get(**alert, num_format=self._styles.theme.formats["count"])
        self._worksheet.set_row(row - 1, 18)
        texts = ("Read-only: act on these on the portal's dashboard", count, None, None, None)
        for column, text in enumerate(texts, start=2):
            self._worksheet.write(row - 1, column, text, look)
        self._link(row, title, self._styles.get(**alert, underline=1, bold=True))

    def _link(self, row: int, title: str, look: Format) -> None:
        target = title.replace("'", "''")
        self._worksheet.write_url(row - 1, 1, f"internal:'{target}'!A1", look, title)
