"""Drawing Home: whose file, from when, where to find what, and how to use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.sumformulas import count_all, count_status, sum_all
from ims_excel.workbook.summary import NO_ACTION, band, print_setup, recipient_line
from ims_excel.workbook.totals import HEADS

if TYPE_CHECKING:
    from ims_excel.portal.sections import Section
    from ims_excel.workbook.bookplan import BookPlan
    from ims_excel.workbook.styles import Styles
    from ims_excel.workbook.totals import Totals

_WIDTHS = (2.5, 24, 40, 13, 20, 20, 18, 2.5)
_LAST = 6
_HEADINGS = ("Sheet", "What it holds", "Documents", "Taxable Value (₹)", "Tax (₹)", "At No Action")
_MOST_SOURCES = 6
_LOGO_HEIGHT = 48
HOW_TO = (
    "Open a sheet below and look at each document; an amber number has something to say in Alerts.",
    "Choose a Status in the yellow column: Accepted, Rejected, Pending or No Action. Add Remarks, and on amended and "
    "credit-note sheets the ITC answer.",
    "Sort, filter, copy down, colour and add columns of your own as you like. The portal's own columns are restored if "
    "they are changed.",
    "Save, close and run  ims-xl harvest  on this file. What must be corrected is marked and explained in "
    '"Sheet validation errors".',
    "Upload the JSON at the GST portal. If it ends with errors, run  ims-xl errors  with the portal's error file and "
    "correct what it marks.",
)


def draw_home(worksheet: Any, plan: BookPlan, totals: Totals, styles: Styles) -> None:  # noqa: ANN401
    """Draw the sheet from the top down."""
    home = _Home(worksheet, plan, totals, styles)
    home.set_up()
    row = home.draw_facts(4)
    row = home.draw_sheets(row + 1)
    row = home.draw_left_out(row)
    home.draw_how_to(row + 1)


class _Home:
    """The sheet while it is drawn; rows are 1-based."""

    def __init__(self, worksheet: Any, plan: BookPlan, totals: Totals, styles: Styles) -> None:  # noqa: ANN401
        self._worksheet = worksheet
        self._plan = plan
        self._totals = totals
        self._styles = styles

    def set_up(self) -> None:
        """Set columns, band, logo, view and print."""
        worksheet, styles = self._worksheet, self._styles
        for index, width in enumerate(_WIDTHS):
            worksheet.set_column(index, index, width)
        worksheet.hide_gridlines(2)
        worksheet.set_tab_color(styles.colour("band"))
        worksheet.set_portrait()
        print_setup(worksheet, self._plan.recipient)
        band(worksheet, styles, "GST Invoice Management System", recipient_line(self._plan), _LAST)
        theme = styles.theme
        if theme.firm:
            look = styles.get(
                bold=True, align="right", font_size=theme.font_size + 2,
                bg_color=styles.colour("band"), font_color=styles.colour("band_text"),
            )  # fmt: skip
            worksheet.write_string(0, _LAST, theme.firm, look)
        if theme.logo:
            _insert_logo(worksheet, str(theme.logo))
        worksheet.activate()
        worksheet.set_first_sheet()

    def draw_facts(self, row: int) -> int:
        """Write whose file it is and where it comes from; give the next free row."""
        plan = self._plan
        names = [source.name for source in plan.snapshot.sources]
        more = len(names) - _MOST_SOURCES
        sources = ", ".join(names[:_MOST_SOURCES]) + (f" and {more} more" if more > 0 else "")
        facts = (
            ("Recipient GSTIN", plan.recipient),
            ("State", plan.state or "–"),
            ("Downloaded", f"{plan.snapshot.downloaded_at:%d-%m-%Y, %H:%M}"),
            ("From", sources or "–"),
            ("Workbook built", f"{plan.built_at:%d-%m-%Y, %H:%M} by ims-xl {plan.tool_version}"),
        )
        label = self._styles.get(font_color=self._styles.colour("muted"))
        value = self._styles.get(bold=True, font_color=self._styles.colour("text"))
        for offset, (words, text) in enumerate(facts):
            self._worksheet.set_row(row - 1 + offset, 17)
            self._worksheet.write_string(row - 1 + offset, 1, words, label)
            self._worksheet.write_string(row - 1 + offset, 2, text, value)
        return row + len(facts)

    def draw_sheets(self, row: int) -> int:
        """Draw the table of sheets; give the next free row."""
        self._title(row, "Sheets")
        self._headings(row + 1)
        row += 2
        first = row
        for section in self._plan.sections:
            self._draw_section(row, section)
            row += 1
        self._draw_total(row, first)
        self._draw_link(row + 1, "Summary", "By section and status, with what will be deemed accepted")
        return row + 2

    def draw_left_out(self, row: int) -> int:
        """Name the sections without records, and warn of those that can only be acted on online."""
        plan, styles, worksheet = self._plan, self._styles, self._worksheet
        warning = styles.get(
            font_color=styles.colour("alert_text"), bg_color=styles.colour("alert"), num_format="#,##0"
        )
        link = styles.get(font_color=styles.colour("accent"), underline=1, bg_color=styles.colour("alert"))
        for sheet in plan.read_only:
            worksheet.set_row(row - 1, 18)
            for column in range(1, _LAST + 1):
                worksheet.write_blank(row - 1, column, None, warning)
            _link(worksheet, row, sheet.title, link)
            worksheet.write_string(row - 1, 2, "Read-only: act on the portal's dashboard", warning)
            worksheet.write_number(row - 1, 3, len(sheet.records), warning)
            row += 1
        if plan.empty_sections:
            names = ", ".join(section.sheet for section in plan.empty_sections)
            muted = styles.get(italic=True, font_color=styles.colour("muted"))
            worksheet.write_string(row - 1, 1, f"Without documents in this download: {names}", muted)
            row += 1
        return row

    def draw_how_to(self, row: int) -> None:
        """Write the five lines."""
        self._title(row, "How to use this workbook")
        number = self._styles.get(bold=True, align="right", font_color=self._styles.colour("accent"))
        words = self._styles.get(font_color=self._styles.colour("text"))
        for offset, line in enumerate(HOW_TO, start=1):
            self._worksheet.set_row(row - 1 + offset, 17)
            self._worksheet.write_string(row - 1 + offset, 0, f"{offset}", number)
            self._worksheet.write_string(row - 1 + offset, 1, line, words)

    def _draw_section(self, row: int, section: Section) -> None:
        sheets = self._plan.sheets_of(section)
        sums = self._totals.section(section)
        tax = "=" + "+".join(sum_all(sheets, head).removeprefix("=") for head in HEADS[1:])
        open_count = count_status(sheets, f'"{NO_ACTION}"')
        more = "".join(f", {sheet.title}" for sheet in sheets[1:])
        holds = f"{section.title}{' (lower ITC)' if section.reduces_itc else ''}"
        self._draw_link(row, sheets[0].title, holds + (f"; continues on{more[1:]}" if more else ""))
        self._figures(
            row,
            (count_all(sheets), sum_all(sheets, "taxable_value"), tax, open_count),
            (sums.count, sums.amounts["taxable_value"], sums.tax, self._totals.of(section, NO_ACTION).count),
        )

    def _draw_total(self, row: int, first: int) -> None:
        """Draw the last line of the table: credit notes count but lower the amounts."""
        sections = self._plan.sections
        net = [self._totals.net(sections, status) for status in ("Accepted", "Rejected", "Pending", NO_ACTION)]
        amounts = (
            sum(sums.count for sums in net),
            sum(sums.amounts["taxable_value"] for sums in net),
            sum(sums.tax for sums in net),
            self._totals.net(sections, NO_ACTION).count,
        )
        formulas = []
        for column in range(3, _LAST + 1):
            signs = ["-" if column in (4, 5) and section.reduces_itc else "+" for section in sections]
            cells = [f"{sign}{column_letters(column)}{first + place}" for place, sign in enumerate(signs)]
            formulas.append("=" + "".join(cells).removeprefix("+") if cells else "=0")
        look = self._look(bold=True)
        self._worksheet.set_row(row - 1, 19)
        self._worksheet.write_string(row - 1, 1, "All sheets", self._styles.get(**look))
        self._worksheet.write_string(row - 1, 2, "credit notes subtracted", self._styles.get(**look))
        self._figures(row, formulas, amounts, bold=True)

    def _figures(self, row: int, formulas: Any, amounts: Any, *, bold: bool = False) -> None:  # noqa: ANN401
        formats = self._styles.theme.formats
        for column, (formula, amount) in enumerate(zip(formulas, amounts, strict=True), start=3):
            form = formats["amount" if column in (4, 5) else "count"]
            look = self._styles.get(**self._look(bold=bold), num_format=form, align="right")
            self._worksheet.write_formula(row - 1, column, formula, look, float(amount))

    def _draw_link(self, row: int, title: str, words: str) -> None:
        look = self._look()
        self._worksheet.set_row(row - 1, 18)
        link = {**look, "font_color": self._styles.colour("accent"), "underline": 1, "bold": True}
        _link(self._worksheet, row, title, self._styles.get(**link))
        self._worksheet.write_string(row - 1, 2, words, self._styles.get(**look))

    def _look(self, *, bold: bool = False) -> dict[str, Any]:
        rule = self._styles.colour("rule")
        look = {"bold": bold, "bottom": 1, "bottom_color": rule, "font_color": self._styles.colour("text")}
        return {**look, "bg_color": self._styles.colour("panel")} if bold else look

    def _title(self, row: int, words: str) -> None:
        accent = self._styles.colour("accent")
        look = self._styles.get(bold=True, font_size=self._styles.theme.font_size + 3, font_color=accent)
        self._worksheet.set_row(row - 1, 26)
        self._worksheet.write_string(row - 1, 1, words, look)

    def _headings(self, row: int) -> None:
        self._worksheet.set_row(row - 1, 22)
        for column, words in enumerate(_HEADINGS, start=1):
            look = self._styles.get(
                bold=True,
                align="left" if column < 3 else "right",  # noqa: PLR2004  figures from the third column on
                bg_color=self._styles.colour("portal_heading"),
                bottom=1,
                bottom_color=self._styles.colour("accent"),
                font_color=self._styles.colour("text"),
            )
            self._worksheet.write_string(row - 1, column, words, look)


def _link(worksheet: Any, row: int, title: str, look: Any) -> None:  # noqa: ANN401
    target = title.replace("'", "''")
    worksheet.write_url(row - 1, 1, f"internal:'{target}'!A1", look, title)


def _insert_logo(worksheet: Any, logo: str) -> None:  # noqa: ANN401
    """Put the logo into the band, at its right end."""
    worksheet.insert_image(
        0, _LAST, logo, {"object_position": 3, "x_offset": 20, "y_offset": 4, "x_scale": 0.5, "y_scale": 0.5}
    )
