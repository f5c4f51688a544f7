"""What people type, paste, fill and delete in cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
from scenarios.table import Group

if TYPE_CHECKING:
    from pathlib import Path

    from libreoffice.office import Document

entering = Group("Typing, pasting, filling, deleting")
ALL = [
    "SA/25-26/0417",
    "DC-2026-0093",
    "1234567890123456",
    "NT-902",
    "000417",
    "1E5",
    "03-04",
    "SA/25-26/0418",
]


@entering.in_office(
    "Type `accept`, `ACCEPTED `, `r`, `keep pending`, `Reject` with stray spaces",
    "Understood: words, letters and the portal's verbs in any case.",
    upload={
        "SA/25-26/0417": "A",
        "DC-2026-0093": "A",
        "1234567890123456": "R",
        "NT-902": "P",
        "000417": "R",
        "1E5": None,
    },
)
def other_spellings(doc: Document) -> None:
    doc.sheet("B2B").set(
        "G6", "accept", "ACCEPTED ", "r", "keep  pending", " Reject\u00a0", "n", "NO ACTION", "no action"
    )


@entering.in_office(
    "Type a word that is no status: `ok`, `Accepted?`, `1`",
    "An error in that row (R1). Nothing is guessed, and never taken for No Action.",
    found={"R1 error": ["B2B!G6", "B2B!G7", "B2B!G8"]},
)
def unknown_words(doc: Document) -> None:
    doc.sheet("B2B").set("G6", "ok", "Accepted?", 1)


@entering.in_office(
    "Press Delete on Status",
    "An error in that row (R1): a blank is not No Action.",
    found={"R1 error": ["B2B!G6", "B2B!G9"]},
)
def delete_status(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.clear("G6")
    sheet.clear("G9")


@entering.in_office(
    "Press Delete on Remarks",
    "The remark is gone: nothing is sent in its place.",
)
def delete_remarks(doc: Document) -> None:
    doc.sheet("B2B").clear("N6:N13")


@entering.in_office(
    "Fill Accepted down over the whole column",
    "Every document is accepted.",
    upload=dict.fromkeys(ALL, "A"),
)
def fill_down(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.clear("N6:N13")
    sheet.fill_down("G6:G13")


@entering.in_office(
    "Fill down too far, below the last document",
    "The rows below are errors (R25): there is no document in them. Delete what was filled.",
    found={"R25 error": ["B2B!C14", "B2B!C15"]},
)
def fill_down_too_far(doc: Document) -> None:
    doc.sheet("B2B").fill_down("G13:G15")


@entering.in_office(
    "Paste statuses from another sheet, so that drop-down and format are lost",
    "Read as if typed; unknown words are errors (R1).",
    found={"R1 error": ["B2B!G8"]},
)
def paste_status(doc: Document) -> None:
    doc.add_sheet("Mine").set("A1", "accept", "REJECTED", "hold")
    doc.sheet("B2B").paste("A1:A3", at="G6", source_sheet="Mine")


@entering.in_office(
    "Fill Status by a formula (VLOOKUP, IF) that gives a status",
    "The result is read; the formula stays.",
    upload={"SA/25-26/0417": "R", "DC-2026-0093": "A"},
)
def lookup(doc: Document) -> None:
    doc.add_sheet("Mine").set("A1", ["27ZZZCS1101B1ZH", "reject"], ["24ZZZFD2202C1ZQ", "accept"])
    sheet = doc.sheet("B2B")
    for row in (6, 7):
        sheet.type(f"G{row}", f"=VLOOKUP(A{row};$Mine.$A$1:$B$2;2;0)")


@entering.in_office(
    "Fill Status by a formula that gives #N/A or another error value",
    "An error in that row (R1), naming the error value.",
    found={"R1 error": ["B2B!G8", "B2B!G9"]},
)
def lookup_without_result(doc: Document) -> None:
    doc.add_sheet("Mine").set("A1", ["x", "reject"])
    sheet = doc.sheet("B2B")
    sheet.type("G8", "=VLOOKUP(A8;$Mine.$A$1:$B$1;2;0)")
    sheet.type("G9", "=1/0")


@entering.by_program(
    "A program writes formulas without calculating them",
    'An error in that row (R1), "formula without a stored result". Open and save it in Excel or LibreOffice.',
    found={"R1 error": ["B2B!G6"]},
)
def formula_without_result(book: Path, out: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    workbook["B2B"]["G6"] = '=IF(F6>1000,"Accepted","Pending")'
    workbook.save(out)


@entering.in_office(
    "Type amounts as text: `2,250.00`, `₹ 0`, `0`",
    "Read as amounts, with commas and rupee signs.",
)
def amounts_as_text(doc: Document) -> None:
    doc.sheet("B2B-CN").set("O7", ["2,250.00", "₹ 0", "0", "0.00"])


@entering.in_office(
    "Show numbers in another format, such as 1.00E+05",
    "The number counts, not how it is shown.",
)
def exponent_format(doc: Document) -> None:
    doc.sheet("B2B").number_format("F6:M13", "0.00E+00")
    doc.sheet("B2B-CN").number_format("O7:R7", "0.00E+00")


@entering.in_office(
    "Type a declared amount as `2.25E3`, or a word",
    "An error in that row (R19): it could be anything.",
    found={"R19 error": ["'B2B-CN'!O7"]},
)
def exponent_text(doc: Document) -> None:
    doc.sheet("B2B-CN").set("O7", "2.25E3")


@entering.in_office(
    "Merge Status cells of several documents",
    "Only the first cell of a merged area says something; the others are errors (R1) where the program "
    "emptied them. Decide row by row.",
    upload={},
)
def merge_status(doc: Document) -> None:
    doc.sheet("B2B").merge("G6:G8")


@entering.by_program(
    "The same, by a program that empties the merged cells",
    "The emptied cells are errors (R1).",
    found={"R1 error": ["B2B!G7", "B2B!G8"]},
)
def merge_status_emptied(book: Path, out: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    workbook["B2B"].merge_cells("G6:G8")
    workbook.save(out)
