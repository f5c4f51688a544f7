"""Whole sheets, and what people add to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
from scenarios.table import Group

if TYPE_CHECKING:
    from pathlib import Path

    from libreoffice.office import Document

sheets = Group("Sheets, and what you add to them")


@sheets.in_office("Rename and reorder sheets", "Nothing is lost; messages use your names.")
def rename_and_reorder(doc: Document) -> None:
    doc.sheet("B2B").rename("March, done")
    doc.move_sheet("B2B-CN", 0)


@sheets.in_office(
    "Copy a sheet, to keep its state",
    "Both are read. While they agree, that is a note (R27a), and each document goes up once.",
    found={"R27a info": ["ECO!C6", "ECO!C7", "'ECO old'!C6", "'ECO old'!C7"]},
)
def copy_sheet(doc: Document) -> None:
    doc.copy_sheet("ECO", "ECO old", 99)


@sheets.in_office(
    "Copy a sheet and decide differently in one of the two",
    "Errors in both (R27), each naming the other. Delete the sheet that does not count.",
    found={
        "R27 error": ["ECO!F7", "'ECO old'!F7"],
        "R27a info": ["ECO!C6", "'ECO old'!C6"],
    },
)
def copy_sheet_and_change(doc: Document) -> None:
    doc.copy_sheet("ECO", "ECO old", 99)
    doc.sheet("ECO").set("F7", "Accepted")


@sheets.in_office(
    "Delete a section's sheet",
    "A warning (R26): nothing is sent for its documents.",
    found={"R26 warning": [""]},
    upload={"RR2603-00811": None},
)
def delete_section(doc: Document) -> None:
    doc.delete_sheet("ECO")


@sheets.in_office("Delete Home and Summary", "Nothing changes.")
def delete_home(doc: Document) -> None:
    doc.delete_sheet("Home")
    doc.delete_sheet("Summary")


@sheets.in_office(
    "Delete the hidden sheet",
    "Refused, asking for the download: `--source DOWNLOAD.json`.",
    refused="hidden sheet .* was deleted; pass --source",
)
def delete_hidden_sheet(doc: Document) -> None:
    doc.delete_sheet("_ims_xl")


@sheets.in_office(
    "The same, and harvest with `--source DOWNLOAD.json`",
    "Nothing is lost.",
    options=("--source", "DOWNLOAD"),
)
def delete_hidden_sheet_with_source(doc: Document) -> None:
    doc.delete_sheet("_ims_xl")


@sheets.in_office(
    "Change cells of the hidden sheet",
    "Refused, as it no longer fits its checksum: `--source DOWNLOAD.json` helps.",
    refused="hidden sheet .* is damaged; pass --source",
)
def change_hidden_sheet(doc: Document) -> None:
    doc.sheet("_ims_xl").set("A2", "hello")


@sheets.in_office(
    "Add sheets, comments, charts, colours, conditional formats",
    "All are kept, byte for byte.",
)
def additions(doc: Document) -> None:
    mine = doc.add_sheet("Mine", 1)
    mine.set("A1", ["", "Amount"], ["a", 5], ["b", 7])
    mine.chart("A1:B3")
    sheet = doc.sheet("B2B")
    sheet.comment("C7", "Ask Dandi")
    sheet.chart("B5:F8", "by supplier")
    sheet.conditional_format("A6:A13", "$F6>100000")
    sheet.background("B6:B9", 0xFFEEAA)


@sheets.in_office(
    "Protect a sheet, with or without a password",
    "Read and written all the same; the protection stays.",
    found={"R1 error": ["B2B!G9"]},
)
def protect_sheet(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.clear("G9")
    sheet.protect("secret")
    doc.sheet("B2B-CN").protect()


@sheets.by_program(
    "Move a section's sheet into a workbook of its own",
    "The hidden sheet is missing there: refused, asking for `--source DOWNLOAD.json`.",
    refused="hidden sheet .* was deleted; pass --source",
)
def sheet_alone(book: Path, out: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    for title in workbook.sheetnames:
        if title != "B2B":
            del workbook[title]
    for prop in list(workbook.custom_doc_props.names):
        del workbook.custom_doc_props[prop]
    workbook.save(out)
