"""Columns moved, inserted, hidden, copied, deleted, renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.month import ERRORS, FREE, KEY, LAST, NEXT, PORTAL_ERRORS
from scenarios.table import Group

if TYPE_CHECKING:
    from libreoffice.office import Document

columns = Group("Columns")


@columns.in_office(
    "Insert columns of your own, in front and between, and write in them",
    "Nothing is lost; yours are left alone.",
)
def insert_columns(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.insert_columns("H", 2)
    sheet.insert_columns("A")
    sheet.set("A5", "Cost centre", "CC-1", "CC-2")
    sheet.set("I5", "Status", "ask Asha")


@columns.in_office(
    "Move a column: Status to the front, Remarks beside it",
    "Nothing is lost: columns are known by a hidden row of names.",
)
def move_columns(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.move_column("G", before="A")
    sheet.move_column("N", before="B")


@columns.in_office("Hide columns, or show the hidden ones", "Nothing changes.")
def hide_columns(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.show_columns("A", "F", visible=False)
    sheet.show_columns(ERRORS, LAST, visible=True)


@columns.in_office(
    "Delete the hidden key column",
    "The rows are found again by GSTIN, number and date, and the report says so (R24).",
    found={"R24 info": [""]},
)
def delete_key(doc: Document) -> None:
    doc.sheet("B2B").delete_columns(KEY)


@columns.in_office(
    "Delete all hidden columns",
    "The same; cells at fault can no longer be coloured, the error column still says what is wrong.",
    found={"R24 info": [""]},
)
def delete_hidden_columns(doc: Document) -> None:
    doc.sheet("B2B").delete_columns(KEY, LAST)


@columns.in_office(
    "Delete the key column and sort part of the columns",
    "Without the key only amounts that no longer fit are noticed (R24 warning). The decisions are taken "
    "as they now stand.",
    found={"R24 info": [""], "R24 warning": ["B2B!I6", "B2B!I7"]},
    upload={"SA/25-26/0417": "R", "DC-2026-0093": "A"},
    restored=["B2B!I6", "B2B!I7", "B2B!J6", "B2B!J7"],
)
def delete_key_and_tear(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.delete_columns(KEY)
    sheet.sort("A6:F7", by="F")


@columns.in_office(
    "Delete portal columns: amounts, name, type",
    "Nothing is lost: what is sent comes from the download, not from the sheet.",
)
def delete_portal_columns(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.delete_columns("H", "M")
    sheet.delete_columns("F")
    sheet.delete_columns("B")


@columns.in_office(
    "Delete the error columns",
    "Errors are said in the terminal; there is no place for them in that sheet.",
    found={"R1 error": ["B2B!G9"]},
)
def delete_error_columns(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.clear("G9")
    sheet.delete_columns(ERRORS, PORTAL_ERRORS)


@columns.in_office(
    "Delete the Status or Remarks column",
    "Refused, naming sheet and column: without it the decisions are unknown.",
    refused='B2B: the column "Status" is gone',
)
def delete_status_column(doc: Document) -> None:
    doc.sheet("B2B").delete_columns("G")


@columns.in_office("Copy the Status column", "Nothing is lost while both say the same.")
def copy_status(doc: Document) -> None:
    doc.sheet("B2B").copy_column("G", before=NEXT)


@columns.in_office(
    "Copy the Status column and change one of the two",
    "Refused, naming both columns and the row: delete the one that does not count.",
    refused=f'columns G and {FREE} are both "Status" and differ in row 9',
)
def copy_status_and_change(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.copy_column("G", before=FREE)
    sheet.set("G9", "Rejected")


@columns.in_office(
    "Rename headings",
    "Nothing is lost: columns are known by a hidden row of names.",
)
def rename_headings(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.set("C5", "Bill no.")
    sheet.set("G5", "Decision")
    sheet.set("N5", "Why")
