"""Formats and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openpyxl
from scenarios import binarybook, spellings
from scenarios.table import Group

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from libreoffice.office import Document

programs = Group("Saving in other formats and programs")


@programs.in_office("Open and save in LibreOffice", "Nothing is lost, and nothing has to be written.")
def only_saved(doc: Document) -> None:
    pass


@programs.by_program("Open and save with openpyxl", "The same.")
def by_openpyxl(book: Path, out: Path) -> None:
    openpyxl.load_workbook(book).save(out)


@programs.in_office("Save as .xlsm", "Read and written; an .xlsm stays one.", suffix=".xlsm")
def as_xlsm(doc: Document) -> None:
    doc.sheet("B2B").set("G9", "No Action")


@programs.in_office(
    "Save as .ods",
    "Read, never written: the findings go to the terminal and to a file beside the workbook "
    "(`BOOK.ods.findings.txt`); the upload is written. To bring the portal's errors back, and to note what "
    "was uploaded, save it as .xlsx.",
    suffix=".ods",
    is_written=False,
    upload={"DC-2026-0093": None},
    found={"R1 error": ["B2B!G7", "B2B!G9"], "R24 warning": ["B2B!F6"]},
    options=("--skip-invalid",),
)
def as_ods(doc: Document) -> None:
    sheet = doc.sheet("B2B")
    sheet.clear("G7")
    sheet.type("G9", "=1/0")
    sheet.set("F6", 5)
    sheet.comment("G6", "Pending?")


@programs.by_program(
    "Save as .xlsb (Excel's binary workbook)",
    "The same.",
    suffix=".xlsb",
    is_written=False,
    found={"R1 error": ["B2B!G9"]},
    options=("--skip-invalid",),
)
def as_xlsb(book: Path, out: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    workbook["B2B"]["G9"] = "#N/A"
    binarybook.write(workbook, out)


@programs.in_office(
    "Save with a password to open it",
    "Refused: remove the password.",
    password="secret",
    refused="is protected by a password",
)
def with_password(doc: Document) -> None:
    pass


@programs.in_office(
    "Save as .xls",
    "Refused: save it as .xlsx.",
    suffix=".xls",
    refused=r"is an old \.xls workbook",
)
def as_xls(doc: Document) -> None:
    pass


@programs.in_office(
    "Save as .csv",
    "Refused: a .csv holds no formats and no hidden data.",
    suffix=".csv",
    refused="is a text or CSV file",
)
def as_csv(doc: Document) -> None:
    pass


def say_hm(doc: Document) -> None:
    doc.sheet("B2B").set("G9", "hm")


def spelled(name: str, does: str, happens: str, spell: Callable[[dict[str, bytes]], None]) -> None:
    """Add the same edit, saved in another spelling."""

    def steps(doc: Document) -> None:
        say_hm(doc)

    steps.__name__ = name
    programs.in_office(does, happens, spellings.respell(spell), found={"R1 error": ["B2B!G9"]})(steps)


spelled(
    "shared_texts",
    "Save with rich and shared texts and without row spans, as Google Sheets and WPS do",
    "Nothing is lost.",
    spellings.shared_strings,
)
spelled(
    "prefixed_names",
    "Save with prefixed XML names, as some programs do",
    "Nothing is lost; what is written carries the prefix too.",
    spellings.prefixed,
)
spelled(
    "no_addresses",
    "Save without the addresses of rows and cells, as some export libraries do",
    "Nothing is lost.",
    spellings.without_addresses,
)
spelled(
    "strict_form",
    "Save as Strict Open XML (an option of Excel)",
    "Read and written all the same.",
    spellings.strict,
)
