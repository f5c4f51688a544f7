"""Changes to what the portal said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.table import Group

if TYPE_CHECKING:
    from libreoffice.office import Document

portal_cells = Group("Changing the portal's columns")


@portal_cells.in_office(
    "Change an amount, a name or a place of supply",
    "A warning (R24); the portal's value is used, and put back into the cell.",
    found={"R24 warning": ["B2B!F6", "B2B!B7"]},
    restored=["B2B!F6", "B2B!B7", "B2B!H7"],
)
def edited_cells(doc: Document) -> None:
    doc.sheet("B2B").set("F6", 1.5)
    doc.sheet("B2B").set("B7", "Dandi (pay by Friday)")
    doc.sheet("B2B").clear("H7")


@portal_cells.in_office(
    "Turn amounts into text",
    "They still say what they said, so nothing is warned of; they are put back as numbers, for sums to "
    "be right.",
    restored=[f"B2B!{column}{row}" for column in "FIJKLM" for row in range(6, 14)],
)
def amounts_to_text(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.number_format("F6:M13", "General")
    sheet.to_text("F6:F13")
    sheet.to_text("I6:M13")


@portal_cells.in_office(
    "Turn dates into text",
    "The same: they are put back as dates.",
    restored=[f"B2B!E{row}" for row in range(6, 14)],
)
def dates_to_text(doc: Document) -> None:
    doc.sheet("B2B").to_text("E6:E13")


@portal_cells.in_office(
    "Show dates as plain numbers",
    "Nothing is lost.",
)
def dates_as_numbers(doc: Document) -> None:
    doc.sheet("B2B").number_format("E6:E13", "0")


@portal_cells.in_office(
    "Let the program turn document numbers into numbers (1234567890123456, 000417, 1E5)",
    "A warning (R14); the portal gets the original, and it is put back into the cell.",
    found={"R14 warning": ["B2B!C8", "B2B!C10", "B2B!C11"]},
    restored=["B2B!C8", "B2B!C10", "B2B!C11"],
)
def numbers_retyped(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.to_number("C8")
    sheet.to_number("C10:C11")


@portal_cells.in_office(
    "Let the program turn a document number into a date (03-04)",
    "The same (R14).",
    found={"R14 warning": ["B2B!C12"]},
    restored=["B2B!C12"],
)
def number_to_date(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.number_format("C12", "DD-MM-YYYY")
    sheet.set("C12", 46085)


@portal_cells.in_office(
    "Retype a document's number, GSTIN or date, so that the row shows another document",
    "An error in that row (R24): its hidden key belongs to another document than it shows.",
    found={"R24 error": ["B2B!A9", "B2B!C6", "B2B!E7"]},
)
def another_identity(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.set("C6", "SA/25-26/9999")
    sheet.set("E7", 46100)
    sheet.set("A9", "27ZZZCS1101B1ZH")


@portal_cells.in_office(
    "Retype GSTIN or number in lower case, or with spaces around",
    "A warning (R24) for the case; the original is used and put back. Spaces do not count.",
    found={"R24 warning": ["B2B!A6"]},
    restored=["B2B!A6"],
)
def lower_case(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.set("A6", "27zzzcs1101b1zh")
    sheet.set("C7", " DC-2026-0093 ")


@portal_cells.in_office(
    "Empty portal cells",
    "A warning (R24); they are filled again.",
    found={"R24 warning": ["B2B!A6"]},
    restored=["B2B!A6", "B2B!C6", "B2B!E6", "B2B!F6"],
)
def emptied(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    for column in "ACEF":
        sheet.clear(f"{column}6")


@portal_cells.in_office(
    "Replace an amount by a formula",
    "A formula with the same result stays. Otherwise a warning (R24); the portal's value is put back.",
    found={"R24 warning": ["B2B!F7"]},
    restored=["B2B!F7"],
)
def formula_in_amount(doc: Document) -> None:
    doc.sheet("B2B").type("F6", "=I6+J6")
    doc.sheet("B2B").type("F7", "=I7*2")
