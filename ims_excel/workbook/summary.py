"""Drawing Summary: what will be deemed accepted, then every section by status, live, with a chart of ITC.

Every formula carries the result it has at build, for programs that show a file without calculating it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ims_excel.gst.codes import Action
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
from ims_excel.workbook.sumformulas import count_all, count_status, net, sum_all, sum_status
from ims_excel.workbook.totals import HEADS, STATUSES, Sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ims_excel.portal.sections import Section
    from ims_excel.workbook.bookplan import BookPlan
    from ims_excel.workbook.styles import Styles, Workbook, Worksheet
    from ims_excel.workbook.totals import Totals

NO_ACTION = Action.NO_ACTION.label
SUMMARY_TITLE = "Summary of decisions"

_WIDTHS = (2.5, 40, 15, 13, 20, 18, 17, 17, 14, 19, 2.5)
_HEADINGS = (
    "Section",
    "Status",
    "Documents",
    "Taxable Value (₹)",
    "Integrated Tax (₹)",
    "Central Tax (₹)",
    "State/UT Tax (₹)",
    "Cess (₹)",
    "Total tax (₹)",
)
_SECTION, _STATUS, _COUNT, _TAXABLE, _IGST, _CESS, _TAX = 1, 2, 3, 4, 5, 8, 9
"""0-based columns."""
_DEEMED_ROW = 5
_NET_ROW = 10
_CHART_ROW = 17
_SECTIONS_ROW = 34
"""1-based rows: the figures on top, the first status of all sections, the chart, the first section."""
_CHART_SIZE = {"width": 1256, "height": 290}
_LINES = len(STATUSES) + 1
_COLOURS = dict(zip(STATUSES, ("accepted", "rejected", "pending", "no_action"), strict=True))


def draw_summary(
    workbook: Workbook, worksheet: Worksheet, plan: BookPlan, totals: Totals, styles: Styles
) -> None:
    """Draw the sheet from the top down."""
    page = _Summary(worksheet, plan, totals, styles)
    page.set_up()
    page.draw_deemed()
    page.draw_net()
    page.draw_sections()
    _draw_chart(workbook, worksheet, styles)


class _Summary:
    """The sheet while it is drawn; rows are 1-based."""

    def __init__(self, worksheet: Worksheet, plan: BookPlan, totals: Totals, styles: Styles) -> None:
        self._worksheet = worksheet
        self._plan = plan
        self._totals = totals
        self._styles = styles

    def set_up(self) -> None:
        """Set columns, band, view and print."""
        worksheet, styles = self._worksheet, self._styles
        for index, width in enumerate(_WIDTHS):
            worksheet.set_column(index, index, width)
        worksheet.hide_gridlines(2)
        worksheet.set_tab_color(styles.colour("band"))
        set_page(worksheet, self._plan.recipient)
        worksheet.repeat_rows(_SECTIONS_ROW - 2)
        draw_band(worksheet, styles, SUMMARY_TITLE, recipient_line(self._plan), _TAX)
        last_row = self._row_of(len(self._plan.listed))
        group_negatives(worksheet, styles, area(_TAXABLE, _DEEMED_ROW, _TAX, last_row))

    def draw_deemed(self) -> None:
        """Draw what will count as accepted if nothing more is decided."""
        worksheet, styles = self._worksheet, self._styles
        draw_title(worksheet, styles, _DEEMED_ROW - 2, "Will be deemed accepted if left at No Action")
        box = {"bg_color": styles.colour("alert"), "font_color": styles.colour("alert_text"), "indent": 1}
        worksheet.set_row(_DEEMED_ROW - 2, 18)
        worksheet.set_row(_DEEMED_ROW - 1, 30)
        for column in range(_SECTION, _TAX + 1):
            worksheet.write_blank(_DEEMED_ROW - 2, column, None, styles.get(**box))
            worksheet.write_blank(_DEEMED_ROW - 1, column, None, styles.get(**box))
        sums = self._totals.net(self._plan.listed, NO_ACTION)
        self._figure(_SECTION, "Documents", _COUNT, sums.count, box)
        self._figure(_TAXABLE, "Taxable Value (₹)", _TAXABLE, float(sums.amounts["taxable_value"]), box)
        self._figure(_TAX, "ITC (₹)", _TAX, float(sums.tax), box)
        words = "When GSTR-2B is generated, no action counts as acceptance. Credit notes lower the amounts."
        muted = styles.get(italic=True, font_color=styles.colour("muted"))
        worksheet.write_string(_DEEMED_ROW, _SECTION, words, muted)

    def draw_net(self) -> None:
        """Draw all sections together: a line a status, the whole, and what has no readable status."""
        sections = list(enumerate(self._plan.listed))
        draw_title(self._worksheet, self._styles, _NET_ROW - 2, "All sections, credit notes subtracted")
        draw_headings(self._worksheet, self._styles, _NET_ROW - 1, ("", *_HEADINGS[1:]), texts=2)
        whole = Sums()
        for index, status in enumerate(STATUSES):
            sums = self._totals.net(self._plan.listed, status)
            whole.add(sums)
            rows = [(section, self._row_of(place) + 1 + index) for place, section in sections]
            self._line(_NET_ROW + index, "", status, _nets(rows), sums)
        rows = [(section, self._row_of(place)) for place, section in sections]
        self._line(_NET_ROW + len(STATUSES), "All documents", "", _nets(rows), whole, bold=True)
        self._draw_unreadable(_NET_ROW + len(STATUSES))

    def draw_sections(self) -> None:
        """Draw each section: all its documents, then a line a status."""
        draw_title(self._worksheet, self._styles, _SECTIONS_ROW - 2, "By section and status")
        draw_headings(self._worksheet, self._styles, _SECTIONS_ROW - 1, _HEADINGS, texts=2)
        for place, section in enumerate(self._plan.listed):
            self._draw_section(self._row_of(place), section)

    def _draw_section(self, row: int, section: Section) -> None:
        sheets = self._plan.sheets_of(section)
        title = f"{section.sheet} – {section.title}{' (lower ITC)' if section.reduces_itc else ''}"
        formulas = [count_all(sheets), *(sum_all(sheets, head) for head in HEADS)]
        self._line(row, title, "All", formulas, self._totals.section(section), bold=True)
        for line, status in enumerate(STATUSES, start=row + 1):
            cell = f"${column_letters(_STATUS)}{line}"
            formulas = [count_status(sheets, cell), *(sum_status(sheets, cell, head) for head in HEADS)]
            self._line(line, "", status, formulas, self._totals.of(section, status))

    @staticmethod
    def _row_of(place: int) -> int:
        """Say where the lines of the section at a place begin."""
        return _SECTIONS_ROW + place * _LINES

    def _figure(self, column: int, words: str, source: int, amount: float, box: dict[str, object]) -> None:
        """Write one of the figures on top: its label and the cell it repeats."""
        styles, is_count = self._styles, source == _COUNT
        look = {**box, "align": "left" if is_count else "right"}
        big = styles.get(
            **look,
            bold=True,
            shrink=True,
            font_size=styles.theme.font_size + 6,
            num_format=styles.theme.formats["count" if is_count else "amount"],
        )
        formula = f"={column_letters(source)}{_NET_ROW + STATUSES.index(NO_ACTION)}"
        self._worksheet.write_string(_DEEMED_ROW - 2, column, words, styles.get(**look))
        self._worksheet.write_formula(_DEEMED_ROW - 1, column, formula, big, amount)

    def _draw_unreadable(self, row: int) -> None:
        """Count, below the whole, the documents whose status is none of the four."""
        muted = {"font_color": self._styles.colour("muted"), "italic": True}
        number = self._styles.get(**muted, num_format=self._styles.theme.formats["count"])
        count = column_letters(_COUNT)
        formula = f"={count}{row}-SUM({count}{_NET_ROW}:{count}{row - 1})"
        self._worksheet.write_string(
            row, _SECTION, "of these, with a Status that is blank or misspelt", self._styles.get(**muted)
        )
        self._worksheet.write_formula(row, _COUNT, formula, number, 0)

    def _line(
        self, row: int, title: str, status: str, formulas: Sequence[str], sums: Sums, *, bold: bool = False
    ) -> None:
        """Write one line: its formulas from count to cess, and the total tax."""
        worksheet, styles = self._worksheet, self._styles
        look = table_look(styles, bold=bold)
        tint = {}
        if status in _COLOURS:
            colour = _COLOURS[status]
            tint = {"bg_color": styles.colour(colour), "font_color": styles.colour(f"{colour}_text")}
        worksheet.set_row(row - 1, 18)
        worksheet.write(row - 1, _SECTION, title or None, styles.get(**look))
        worksheet.write(
            row - 1, _STATUS, status or None, styles.get(**{**look, **tint, "align": "left", "indent": 1})
        )
        tax = f"=SUM({column_letters(_IGST)}{row}:{column_letters(_CESS)}{row})"
        amounts = [float(sums.count), *map(float, sums.amounts.values()), float(sums.tax)]
        for column, (formula, amount) in enumerate(zip((*formulas, tax), amounts, strict=True), start=_COUNT):
            form = styles.theme.formats["count" if column == _COUNT else "amount"]
            figure = styles.get(**look, num_format=form, align="right")
            worksheet.write_formula(row - 1, column, formula, figure, amount)


def _nets(rows: Sequence[tuple[Section, int]]) -> list[str]:
    """Give the formulas of a line over sections, from count to cess; counts are never subtracted."""
    return [net(rows, column_letters(column), signed=column != _COUNT) for column in range(_COUNT, _TAX)]


def _draw_chart(workbook: Workbook, worksheet: Worksheet, styles: Styles) -> None:
    """Draw the net ITC of each status as a native chart."""
    first, last = _NET_ROW - 1, _NET_ROW + len(STATUSES) - 2
    font = {"name": styles.theme.font, "size": 9, "color": styles.colour("text")}
    rule = {"color": styles.colour("rule")}
    chart = workbook.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": "ITC (₹)",
            "categories": [SUMMARY_SHEET, first, _STATUS, last, _STATUS],
            "values": [SUMMARY_SHEET, first, _TAX, last, _TAX],
            "points": [{"fill": {"color": styles.colour(f"{colour}_chart")}} for colour in _COLOURS.values()],
            "gap": 45,
            "data_labels": {"value": True, "num_format": styles.theme.formats["amount"], "font": font},
        }
    )
    title = {"name": styles.theme.font, "size": 11, "bold": True, "color": styles.colour("accent")}
    chart.set_title({"name": "ITC by status, all sections, credit notes subtracted (₹)", "name_font": title})
    chart.set_legend({"none": True})
    chart.set_y_axis(
        {"reverse": True, "num_font": font, "line": rule, "major_tick_mark": "none", "label_position": "low"}
    )
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_chartarea({"border": rule})
    chart.set_size(_CHART_SIZE)
    place = {"object_position": 1, "description": "ITC by status, all sections, credit notes subtracted"}
    worksheet.insert_chart(_CHART_ROW - 1, _SECTION, chart, place)
