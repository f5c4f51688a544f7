"""Rows inserted, deleted, copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.month import LAST, NEXT
from scenarios.table import Group

if TYPE_CHECKING:
    from libreoffice.office import Document

rows = Group("Rows")


@rows.in_office("Insert empty rows between documents", "Nothing changes.")
def insert_empty_rows(doc: Document) -> None:
    doc.sheet("B2B").insert_rows(8, 3)


@rows.in_office(
    "Insert rows on top, with a title of your own",
    "Nothing changes: the headings are found where they are.",
)
def insert_rows_on_top(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.insert_rows(1, 4)
    sheet.set("A1", "Checked by Asha")
    sheet.insert_rows(9)


@rows.in_office(
    "Write notes or totals below or between the documents, in columns of your own",
    "Nothing changes.",
)
def notes_below(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.set(f"{NEXT}9", "see mail of 2 April")
    sheet.set(f"{NEXT}15", "Total", 5)


@rows.in_office(
    "Write totals below the documents in ims-xl's columns",
    "Sums under amounts are passed over.",
)
def totals_below(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.type("F15", "=SUM(F6:F13)")
    sheet.set("B15", "Total")


@rows.in_office(
    "Type a document that the download does not hold",
    "An error in that row (R25): rows cannot be added. Delete it; if the document is new on the portal, "
    "build from a fresh download.",
    found={"R25 error": ["B2B!C14"]},
)
def add_a_document(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.set("A14", ["27ZZZCS1101B1ZH", "Sahyadri Alloys", "SA/25-26/0999", "Regular", 46100, 118])
    sheet.set("G14", "Accepted")


@rows.in_office(
    "Duplicate a row, with the same decision",
    "A note (R27a); the document goes up once.",
    found={"R27a info": ["B2B!C6", "B2B!C7"]},
    matched=2,
)
def duplicate_row(doc: Document) -> None:
    doc.sheet("B2B").duplicate_row(6)


@rows.in_office(
    "Duplicate a row and decide differently in the copy",
    "Errors in both rows (R27), each naming the other.",
    found={"R27 error": ["B2B!G6", "B2B!G7"]},
)
def duplicate_row_and_change(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.duplicate_row(6)
    sheet.set("G7", "Rejected")


@rows.in_office(
    "Copy a row over another one",
    "The copy is a note (R27a), the document that was overwritten a warning (R26): nothing is sent for it.",
    found={"R27a info": ["B2B!C6", "B2B!C7"], "R26 warning": [""]},
    upload={"DC-2026-0093": None},
)
def overwrite_row(doc: Document) -> None:
    doc.sheet("B2B").paste(f"A6:{LAST}6", at="A7")


@rows.in_office(
    "Delete rows",
    "A warning (R26): nothing is sent for these documents, they keep what the portal has.",
    found={"R26 warning": [""]},
    upload={"DC-2026-0093": None, "1234567890123456": None},
    matched=1,
)
def delete_rows(doc: Document) -> None:
    doc.sheet("B2B").delete_rows(7, 8)


@rows.in_office(
    "Delete the hidden row of names",
    "The columns are found by their headings.",
)
def delete_names_row(doc: Document) -> None:
    doc.sheet("B2B").delete_rows(3)


@rows.in_office(
    "Delete everything above the documents, headings too",
    "The sheet is no longer known for ours, so its documents count as deleted (R26): nothing is sent for "
    "them. The report says how many.",
    found={"R26 warning": [""]},
    upload={"SA/25-26/0417": None, "DC-2026-0093": None, "1234567890123456": None, "000417": None},
    matched=1,
)
def delete_headings(doc: Document) -> None:
    doc.sheet("B2B").delete_rows(1, 5)
