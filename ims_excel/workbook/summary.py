"""Drawing Summary: what will be deemed accepted, then every section by status, live, with a chart of ITC.

Every formula carries the result it has at build, for programs that show a file without calculating it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ims_excel.gst.codes import Action
from ims_excel.gst.dates import format_date
from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.sumformulas import count_all, count_status, sum_all, sum_status
from ims_excel.workbook.grid import HOME_SHEET, SUMMARY_SHEET
from ims_excel.workbook.totals import HEADS, STATUSES, Sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ims_excel.portal.sections import Section
    from ims_excel.workbook.bookplan import BookPlan
    from ims_excel.workbook.styles import Styles
    from ims_excel.workbook.totals import Totals

_COLUMNS = (
    ("", 2.5),
    ("Section", 34),
    ("Status", 15),
    ("Documents", 12),
    ("Taxable Value (₹)", 19),
    ("Integrated Tax (₹)", 17),
    ("Central Tax (₹)", 17),
    ("State/UT Tax (₹)", 17),
    ("Cess (₹)", 14),
    ("Total tax (₹)", 18),
)
_SECTION, _STATUS, _COUNT, _TAXABLE, _IGST, _CESS, _TAX = 1, 2, 3, 4, 5, 8, 9
_LAST = _TAX

DEEMED_ROW = 5
"""1-based row of the three figures on top."""
NET_ROW = 11
"""1-based row of the first status of all sections together."""
_CHART_ROW = 18
_CHART_ROWS = 15
_A4 = 9
_STATUS_COLOURS = dict(zip(STATUSES, ("accepted", "rejected", "pending", "no_action"), strict=True))
NO_ACTION = Action.NO_ACTION.label


def draw_summary(workbook: Any, worksheet: Any, plan: BookPlan, totals: Totals, styles: Styles) -> None:  # noqa: ANN401
    """Draw the sheet from the top down."""
    sheet = _Summary(worksheet, plan, totals, styles)
    sheet.set_up()
    sheet.draw_deemed()
    sheet.draw_net()
    sheet.draw_sections()
    if plan.sheets:
        _draw_chart(workbook, worksheet, styles)


def band(worksheet: Any, styles: Styles, title: str, subtitle: str, last_column: int) -> None:  # noqa: ANN401
    """Draw the two coloured rows on top of Home and Summary."""
    look = {"bg_color": styles.colour("band"), "font_color": styles.colour("band_text")}
    big = styles.get(bold=True, font_size=styles.theme.font_size + 8, **look)
    small = styles.get(font_size=styles.theme.font_size + 1, valign="top", **look)
    for row, height, text, style in ((0, 36, title, big), (1, 24, subtitle, small)):
        worksheet.set_row(row, height)
        for column in range(last_column + 2):
            worksheet.write(row, column, text if column == 1 else None, style)


def print_setup(worksheet: Any, recipient: str) -> None:  # noqa: ANN401
    """Print one page wide on A4, with the GSTIN and page numbers below."""
    worksheet.set_paper(_A4)
    worksheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    worksheet.fit_to_pages(1, 0)
    worksheet.set_footer(f"&L&8{recipient}&C&8&A&R&8Page &P of &N")


def recipient_line(plan: BookPlan) -> str:
    """Say whose workbook it is and from when."""
    state = f" ({plan.state})" if plan.state else ""
    return f"{plan.recipient}{state}  ·  downloaded on {format_date(plan.snapshot.downloaded_at.date())}"


class _Summary:
    """The sheet while it is drawn; rows are 1-based."""

    def __init__(self, worksheet: Any, plan: BookPlan, totals: Totals, styles: Styles) -> None:  # noqa: ANN401
        self._worksheet = worksheet
        self._plan = plan
        self._totals = totals
        self._styles = styles
        self._first_section_row = _CHART_ROW + _CHART_ROWS + 3

    def set_up(self) -> None:
        """Set columns, band, view and print."""
        worksheet = self._worksheet
        for index, (_, width) in enumerate(_COLUMNS):
            worksheet.set_column(index, index, width)
        worksheet.set_column(_LAST + 1, _LAST + 1, 2.5)
        worksheet.hide_gridlines(2)
        worksheet.set_tab_color(self._styles.colour("band"))
        worksheet.set_landscape()
        print_setup(worksheet, self._plan.recipient)
        band(worksheet, self._styles, "Summary of decisions", recipient_line(self._plan), _LAST)
        negative = self._styles.mark("", num_format=self._styles.theme.formats["negative_amount"])
        worksheet.conditional_format(
            DEEMED_ROW - 1, _TAXABLE, self._row_of(len(self._plan.sections)), _TAX,
            {"type": "cell", "criteria": "<", "value": 0, "format": negative},
        )  # fmt: skip

    def draw_deemed(self) -> None:
        """Draw what will count as accepted if nothing more is decided."""
        worksheet, styles = self._worksheet, self._styles
        sums = self._totals.net(self._plan.sections, NO_ACTION)
        row = NET_ROW + STATUSES.index(NO_ACTION)
        figures = (
            (_SECTION, "Documents at No Action", _COUNT, sums.count, "count"),
            (_COUNT, "Taxable Value (₹)", _TAXABLE, sums.amounts["taxable_value"], "amount"),
            (_IGST, "ITC: total tax (₹)", _TAX, sums.tax, "amount"),
        )
        self._title(DEEMED_ROW - 2, "Will be deemed accepted if left at No Action")
        label = styles.get(bg_color=styles.colour("alert"), font_color=styles.colour("alert_text"))
        worksheet.set_row(DEEMED_ROW - 1, 30)
        for column in range(_SECTION, _LAST + 1):
            worksheet.write_blank(DEEMED_ROW - 2, column, None, label)
            worksheet.write_blank(DEEMED_ROW - 1, column, None, label)
        for column, words, source, amount, form in figures:
            big = styles.get(
                bold=True,
                align="left",
                font_size=styles.theme.font_size + 8,
                num_format=styles.theme.formats[form],
                bg_color=styles.colour("alert"),
                font_color=styles.colour("alert_text"),
            )
            worksheet.write_string(DEEMED_ROW - 2, column, words, label)
            worksheet.write_formula(DEEMED_ROW - 1, column, f"={column_letters(source)}{row}", big, float(amount))
        words = (
            "When GSTR-2B is generated, documents without an action count as accepted. Credit notes lower the amounts."
        )
        worksheet.write_string(DEEMED_ROW, _SECTION, words, styles.get(italic=True, font_color=styles.colour("muted")))

    def draw_net(self) -> None:
        """Draw all sections together, credit notes subtracted."""
        sections = self._plan.sections
        self._title(NET_ROW - 2, "All sections together")
        self._headings(NET_ROW - 1, "Credit notes (B2B-CN, B2B-CNA) are subtracted")
        for index, status in enumerate(STATUSES):
            sums = self._totals.net(sections, status)
            parts = [(section, self._row_of(place) + 1 + index) for place, section in enumerate(sections)]
            self._line(NET_ROW + index, "", status, [_net(parts, column) for column in range(_COUNT, _TAX)], sums)
        total = Sums()
        for status in STATUSES:
            total.add(self._totals.net(sections, status))
        parts = [(section, self._row_of(place)) for place, section in enumerate(sections)]
        row = NET_ROW + len(STATUSES)
        self._line(row, "All documents", "", [_net(parts, column) for column in range(_COUNT, _TAX)], total, bold=True)
        count = column_letters(_COUNT)
        unread = f"={count}{row}-SUM({count}{NET_ROW}:{count}{row - 1})"
        muted = self._styles.get(font_color=self._styles.colour("muted"), align="left")
        number = self._styles.get(
            font_color=self._styles.colour("muted"), num_format=self._styles.theme.formats["count"]
        )
        self._worksheet.write_string(row, _SECTION, "Status blank or unreadable (to be corrected)", muted)
        self._worksheet.write_formula(row, _COUNT, unread, number, 0)

    def draw_sections(self) -> None:
        """Draw each section: all its documents, then a line a status."""
        self._title(self._first_section_row - 2, "By section and status")
        self._headings(self._first_section_row - 1, "Section")
        for place, section in enumerate(self._plan.sections):
            self._draw_section(self._row_of(place), section)

    def _draw_section(self, row: int, section: Section) -> None:
        sheets = self._plan.sheets_of(section)
        sign = " (subtracted above)" if section.reduces_itc else ""
        formulas = [count_all(sheets), *(sum_all(sheets, head) for head in HEADS)]
        title = f"{section.sheet} – {section.title}{sign}"
        self._line(row, title, "All", formulas, self._totals.section(section), bold=True)
        for index, status in enumerate(STATUSES, start=1):
            cell = f"${column_letters(_STATUS)}{row + index}"
            formulas = [count_status(sheets, cell), *(sum_status(sheets, cell, head) for head in HEADS)]
            self._line(row + index, "", status, formulas, self._totals.of(section, status))

    def _row_of(self, place: int) -> int:
        """Say where the lines of the section at a place begin."""
        return self._first_section_row + place * (len(STATUSES) + 1)

    def _title(self, row: int, words: str) -> None:
        accent = self._styles.colour("accent")
        look = self._styles.get(bold=True, font_size=self._styles.theme.font_size + 3, font_color=accent)
        self._worksheet.set_row(row - 1, 24)
        self._worksheet.write_string(row - 1, _SECTION, words, look)

    def _headings(self, row: int, first: str) -> None:
        self._worksheet.set_row(row - 1, 22)
        for column, (words, _) in enumerate(_COLUMNS[1:], start=1):
            align = "left" if column <= _STATUS else "right"
            look = self._styles.get(
                bold=True, align=align, bg_color=self._styles.colour("portal_heading"), bottom=1,
                bottom_color=self._styles.colour("accent"), font_color=self._styles.colour("text"),
            )  # fmt: skip
            self._worksheet.write_string(row - 1, column, first if column == _SECTION else words, look)

    def _line(
        self, row: int, title: str, status: str, formulas: Sequence[str], sums: Sums, *, bold: bool = False
    ) -> None:
        """Write one line: its formulas from count to cess, and the total tax."""
        worksheet, styles = self._worksheet, self._styles
        look = {
            "bold": bold,
            "bottom": 1,
            "bottom_color": styles.colour("rule"),
            "font_color": styles.colour("text"),
        }
        if bold:
            look["bg_color"] = styles.colour("panel")
        tinted = look
        if status in _STATUS_COLOURS:
            colour = _STATUS_COLOURS[status]
            tinted = {**look, "bg_color": styles.colour(colour), "font_color": styles.colour(f"{colour}_text")}
        worksheet.set_row(row - 1, 18)
        worksheet.write_string(row - 1, _SECTION, title, styles.get(**look))
        worksheet.write_string(row - 1, _STATUS, status, styles.get(**tinted))
        tax = f"=SUM({column_letters(_IGST)}{row}:{column_letters(_CESS)}{row})"
        amounts = (sums.count, *sums.amounts.values(), sums.tax)
        for column, (formula, amount) in enumerate(zip((*formulas, tax), amounts, strict=True), start=_COUNT):
            form = styles.theme.formats["count" if column == _COUNT else "amount"]
            worksheet.write_formula(
                row - 1, column, formula, styles.get(**look, num_format=form, align="right"), float(amount)
            )


def _net(parts: Sequence[tuple[Section, int]], column: int) -> str:
    """Add the cells of a column in the rows of all sections; credit notes count, but their amounts are subtracted."""
    letters = column_letters(column)
    terms = [
        f"{'-' if section.reduces_itc and column != _COUNT else '+'}{letters}{row}" for section, row in parts
    ]
    return "=" + "".join(terms).removeprefix("+") if terms else "=0"


def _draw_chart(workbook: Any, worksheet: Any, styles: Styles) -> None:  # noqa: ANN401
    """Draw the net ITC of each status as a native chart."""
    first, last = NET_ROW - 1, NET_ROW + len(STATUSES) - 2
    chart = workbook.add_chart({"type": "bar"})
    fills = [{"fill": {"color": styles.colour(f"{colour}_chart")}} for colour in _STATUS_COLOURS.values()]
    font = {"name": styles.theme.font, "size": 9, "color": styles.colour("text")}
    form = styles.theme.formats["amount"]
    chart.add_series(
        {
            "name": "ITC (₹)",
            "categories": [SUMMARY_SHEET, first, _STATUS, last, _STATUS],
            "values": [SUMMARY_SHEET, first, _TAX, last, _TAX],
            "points": fills,
            "gap": 45,
            "data_labels": {"value": True, "num_format": form, "font": font},
        }
    )
    title = {"name": styles.theme.font, "size": 11, "bold": True, "color": styles.colour("accent")}
    chart.set_title({"name": "ITC by status, all sections together (₹)", "name_font": title, "overlay": False})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "num_font": font, "line": {"color": styles.colour("rule")}})
    chart.set_x_axis(
        {
            "num_font": font,
            "num_format": form,
            "major_gridlines": {"visible": True, "line": {"color": styles.colour("rule")}},
            "line": {"none": True},
        }
    )
    chart.set_chartarea({"border": {"color": styles.colour("rule")}})
    chart.set_size({"width": 1120, "height": 290})
    worksheet.insert_chart(
        _CHART_ROW - 1,
        _SECTION,
        chart,
        {"object_position": 1, "description": "ITC by status, all sections together"},
    )
