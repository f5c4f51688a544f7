"""Sorting, filtering and hiding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
from scenarios.month import LAST, LAST_OF_NOTES, LAST_OF_RIDES, PORTAL_ERRORS
from scenarios.table import Group

if TYPE_CHECKING:
    from pathlib import Path

    from libreoffice.office import Document

sorting = Group("Sorting, filtering, hiding")

TORN = [f"B2B!A{row}" for row in range(6, 13)]
"""Row 13 is the last in both orders."""


@sorting.in_office(
    "Sort all columns by value",
    "Nothing is lost: every decision stays with its document.",
)
def sort_by_value(doc: Document) -> None:
    doc.sheet("B2B").sort(f"A6:{LAST}13", by="F", descending=True)


@sorting.in_office("Sort all columns by supplier", "The same.")
def sort_by_supplier(doc: Document) -> None:
    doc.sheet("B2B").sort(f"A6:{LAST}13", by="A")


@sorting.in_office(
    "Sort only some columns, so that Status and the hidden key stay behind",
    "Every row that now shows another document is an error (R24) and named; no upload is written. Undo the "
    "sort, or start from a fresh workbook.",
    found={"R24 error": TORN},
    matched=1,
)
def sort_leaving_status_behind(doc: Document) -> None:
    doc.sheet("B2B").sort("A6:F13", by="F", descending=True)


@sorting.in_office(
    "The same, and harvest with `--skip-invalid`",
    "The torn rows are left out; the other sheets go up.",
    found={"R24 error": TORN},
    options=("--skip-invalid",),
    upload={"SA/25-26/0417": None, "DC-2026-0093": None, "1234567890123456": None, "000417": None},
    matched=1,
)
def sort_leaving_status_behind_skipped(doc: Document) -> None:
    doc.sheet("B2B").sort("A6:F13", by="F", descending=True)


@sorting.in_office(
    "Sort the visible columns, so that the hidden key stays behind",
    "Caught in the same way (R24), also where only a few rows changed places; rows that stayed are fine.",
    found={"R24 error": ["B2B!A6", "B2B!A7"]},
    matched=2,
)
def sort_leaving_key_behind(doc: Document) -> None:
    doc.sheet("B2B").sort(f"A6:{PORTAL_ERRORS}7", by="F")


@sorting.in_office(
    "Sort the Status column by itself",
    "ims-xl cannot tell this from typing: the decisions are taken as they now stand. Undo it at once.",
    upload={
        "SA/25-26/0417": "A",
        "DC-2026-0093": "A",
        "1234567890123456": None,
        "000417": None,
        "03-04": "P",
        "SA/25-26/0418": "R",
    },
)
def sort_only_status(doc: Document) -> None:
    doc.sheet("B2B").sort("G6:G13", by="G")


@sorting.in_office(
    "Filter, decide on a visible row and copy it down over the others",
    "Only the visible rows change. The filter is cleared and the rows it hid are shown again, so that "
    "everybody sees what is sent.",
    upload={"SA/25-26/0417": "R", "03-04": "R", "SA/25-26/0418": "R"},
    shown=[f"B2B!{row}" for row in (7, 8, 9, 10, 11)],
    unfiltered=["B2B"],
)
def filter_and_copy_down(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.filter(f"A5:{LAST}13", A="27ZZZCS1101B1ZH")
    sheet.set("G6", "Rejected")
    sheet.fill_down("G6:G13")


@sorting.in_office(
    "Filter, then paste a block over the filtered list",
    "Some programs paste into hidden rows too. ims-xl cannot tell this from typing; it shows the rows again "
    "so that it can be seen.",
    upload={"SA/25-26/0417": "R", "DC-2026-0093": "R", "1234567890123456": "R"},
    shown=[f"B2B!{row}" for row in (7, 8, 9, 10, 11)],
    unfiltered=["B2B"],
)
def paste_over_filtered(doc: Document) -> None:
    doc.add_sheet("Mine").set("A1", "Rejected", "Rejected", "Rejected")
    sheet = doc.sheet("B2B")
    sheet.filter(f"A5:{LAST}13", A="27ZZZCS1101B1ZH")
    sheet.paste("A1:A3", at="G6", source_sheet="Mine")


@sorting.by_program(
    "Replace the filter by one of your own over fewer columns",
    "Cleared as ours is; its buttons stay.",
    shown=["B2B!6", "B2B!8", "B2B!9", "B2B!10", "B2B!11", "B2B!12", "B2B!13"],
    unfiltered=["B2B"],
)
def own_filter(book: Path, out: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    sheet = workbook["B2B"]
    sheet.auto_filter.ref = "C5:G13"
    sheet.auto_filter.add_filter_column(4, ["Rejected"])
    for row in (6, *range(8, 14)):
        sheet.row_dimensions[row].hidden = True
    workbook.save(out)


@sorting.in_office(
    "Filter in LibreOffice by Data > More Filters > Standard Filter, over fewer columns",
    "LibreOffice saves such a filter as rows hidden by hand: they are read, and stay hidden. The report "
    "says how many.",
    says="7 rows are hidden by hand",
)
def standard_filter(doc: Document) -> None:
    doc.sheet("B2B").filter("C5:G13", G="Rejected")


@sorting.in_office(
    "Filter several sheets at once",
    "All are cleared.",
    shown=["B2B!7", "B2B!8", "B2B!9", "B2B!11", "B2B!12", "B2B!13", "B2B-CN!8", "ECO!7"],
    unfiltered=["B2B", "B2B-CN", "ECO"],
)
def filter_every_sheet(doc: Document) -> None:
    for title, cells in {"B2B": f"A5:{LAST}13", "B2B-CN": f"A5:{LAST_OF_NOTES}8"}.items():
        doc.sheet(title).filter(cells, G="Accepted")
    doc.sheet("ECO").filter(f"A5:{LAST_OF_RIDES}7", F="Accepted")


@sorting.in_office(
    "Hide rows by hand",
    "They are read like all others, and stay hidden: only what a filter hid is shown again. The report "
    "says how many.",
    says="3 rows are hidden by hand",
)
def hide_rows(doc: Document) -> None:
    doc.sheet("B2B").show_rows(7, 9, visible=False)


@sorting.in_office(
    "Group rows and columns, freeze other panes",
    "Nothing is lost; groups and panes stay.",
)
def group_and_freeze(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.group("A7:A9")
    sheet.group("H1:M1", columns=True)
    sheet.freeze(2, 7)


def _still_a_table(before: Path, after: Path) -> None:
    for book in (before, after):
        assert list(openpyxl.load_workbook(book)["B2B"].tables)


@sorting.in_office(
    "Turn the list into a named range with filter buttons (LibreOffice's table)",
    "Nothing is lost.",
)
def database_range(doc: Document) -> None:
    doc.sheet("B2B").name_range(f"A5:{LAST}13", "Invoices")


@sorting.by_program(
    "Turn the list into a table (Insert > Table) and filter the table",
    "Nothing is lost; the table stays, its filter is cleared.",
    shown=["B2B!7", "B2B!8", "B2B!9", "B2B!11", "B2B!12", "B2B!13"],
    unfiltered=["xl/tables/table1.xml"],
    check=_still_a_table,
)
def into_a_table(book: Path, out: Path) -> None:
    from openpyxl.worksheet.filters import AutoFilter, FilterColumn, Filters
    from openpyxl.worksheet.table import Table

    workbook = openpyxl.load_workbook(book)
    sheet = workbook["B2B"]
    sheet.auto_filter.ref = None
    table = Table(displayName="Invoices", ref=f"A5:{LAST}13")
    table._initialise_columns()
    for column, cell in zip(table.tableColumns, sheet[5], strict=True):
        column.name = str(cell.value)
    table.autoFilter = AutoFilter(ref=f"A5:{LAST}13")
    table.autoFilter.filterColumn.append(FilterColumn(colId=6, filters=Filters(filter=["Accepted"])))
    sheet.add_table(table)
    for row in range(6, 14):
        sheet.row_dimensions[row].hidden = sheet.cell(row, 7).value != "Accepted"
    workbook.save(out)
