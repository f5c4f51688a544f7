"""Hostile and broken workbooks and error reports: refused with one sentence, or read as if nothing were odd.

Whatever comes in, nobody sees a traceback, the workbook is not changed or left half-written, no other file is
read, and memory and time stay bounded (``MOST_MEGABYTES`` and ``LONGEST_SECONDS`` for each command).
"""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hostile import books, jsons
from hostile.running import (
    DOWNLOAD,
    REPORT,
    SAMPLE_RECIPIENT,
    SAMPLES,
    TEXTS_REFUSED,
    assert_refused,
    build,
    contents,
    run,
    run_apart,
)

from ims_excel.pipelines.demo import decide
from ims_excel.workbook.grid import NAMES_ROW

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples' workbook with the samples' decisions in it."""
    folder = tmp_path_factory.mktemp("good")
    built = folder / "built.xlsx"
    assert run("build", SAMPLES / "download.json", "-o", built, "--gstin", SAMPLE_RECIPIENT).code == 0
    decide(built, SAMPLES / "decisions.csv", folder / "good.xlsx")
    return folder / "good.xlsx"


@pytest.fixture(scope="module")
def upload(good: Path, tmp_path_factory: pytest.TempPathFactory) -> object:
    """The upload that the good workbook gives."""
    folder = tmp_path_factory.mktemp("upload")
    outcome = run("harvest", good, "--out", folder / "marked.xlsx", "-o", folder / "upload.json")
    assert outcome.code == 0, outcome
    return json.loads((folder / "upload.json").read_bytes())


BOOKS_REFUSED = {
    "encrypted": (books.encrypted, "password"),
    "old xls": (books.old_xls, r"\.xls"),
    "csv": (books.csv, "CSV"),
    "html": (books.html, "HTML"),
    "pdf": (books.pdf, "PDF"),
    "json": (books.json_file, "JSON"),
    "empty": (books.empty, "empty"),
    "zeros": (books.zeros, "not a workbook"),
    "other zip": (books.other_zip, "not a workbook"),
    "word document": (books.word_document, "document or presentation"),
    "lock file": (books.lock_file, "not a workbook"),
    "somebody else's": (books.somebody_elses, "not|no"),
    "half": (partial(books.truncated, keep=0.5), "damaged"),
    "all but the end": (partial(books.truncated, keep=0.99), "damaged"),
    "flipped bits": (books.flipped, "damaged"),
    "sizes too small": (books.lying_small, "damaged"),
    "sizes too large": (books.lying_large, "unpacks to more"),
    "overlapping parts": (books.overlapping, "damaged|overlap"),
    "password zip": (books.locked, "password|damaged"),
    "crowd": (books.crowded, "parts|files"),
    "bomb in sheet": (books.bomb_in_sheet, "large|inflate|unpack|expand"),
    "bomb in sheet that lies": (books.bomb_in_sheet_that_lies, "damaged"),
    "bomb in strings": (books.bomb_in_strings, "large|inflate|unpack|expand"),
    "bomb beside": (books.bomb_beside, "large|inflate|unpack|expand"),
    "sheet cut off": (books.sheet_cut_off, "damaged"),
    "workbook cut off": (books.workbook_cut_off, "damaged"),
    "forbidden character": (books.raw_control_character, "damaged"),
    "sheet twice": (books.sheet_twice, "twice|damaged"),
    "no content types": (partial(books.without, part=books.TYPES), "not|damaged"),
    "no workbook": (partial(books.without, part=books.WORKBOOK), "not|damaged"),
    "no sheet": (partial(books.without, part=""), "damaged|missing"),
    "no relations": (partial(books.without, part="xl/_rels/workbook.xml.rels"), "damaged|missing"),
    "sheet out of the package": (books.relation_leads_out, "damaged|missing"),
    "laughs in sheet": (partial(books.laughs, part=""), "entit|DTD|document type|damaged"),
    "laughs in strings": (partial(books.laughs, part=books.STRINGS), "entit|DTD|document type|damaged"),
    "laughs in workbook": (partial(books.laughs, part=books.WORKBOOK), "entit|DTD|document type|damaged"),
    "quadratic laughs": (partial(books.quadratic_laughs, part=""), "entit|DTD|document type|damaged"),
    "remote doctype": (partial(books.remote_doctype, part=""), "entit|DTD|document type|damaged"),
    "row beyond the last": (books.row_beyond_the_last, "damaged|row"),
    "string out of reach": (books.string_out_of_reach, "damaged"),
    "remark out of reach": (books.remark_out_of_reach, "damaged"),
    "UTF-16": (books.utf16_parts, "damaged"),
    "no shared strings": (partial(books.without, part=books.STRINGS), "damaged"),
    "no sheet of documents": (books.without_documents, "none of its sheets of documents left"),
    "cell in another row": (books.cell_in_another_row, "damaged"),
}

BOOKS_READ = {
    "far cell": books.far_cell,
    "far space": books.far_space,
    "million blank rows": books.million_blank_rows,
    "dimension too large": books.dimension_lies_large,
    "dimension too small": books.dimension_lies_small,
    "column beyond the last": books.column_beyond_the_last,
    "deep xml": books.deep_xml,
    "strict form": books.strict_ooxml,
    "many merges": books.million_merges,
    "names that lead out": books.escaping,
}


@pytest.mark.parametrize(
    ("spoil", "says"),
    BOOKS_REFUSED.values(),
    ids=BOOKS_REFUSED,
)
def test_a_workbook_is_refused(spoil: Callable[[Path, Path], None], says: str, good: Path, tmp_path: Path):
    book = tmp_path / "book.xlsx"
    spoil(good, book)
    before = contents(tmp_path)
    assert_refused(run_apart("harvest", book), says)
    assert_refused(run("validate", book), says)
    assert_refused(run("errors", book, SAMPLES / "error_offline.json"), says)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("twist", BOOKS_READ.values(), ids=BOOKS_READ)
def test_an_odd_workbook_is_harvested_all_the_same(
    twist: Callable[[Path, Path], None], good: Path, upload: object, tmp_path: Path
):
    book = tmp_path / "book.xlsx"
    twist(good, book)
    outcome = run_apart("harvest", book, "-o", tmp_path / "upload.json")
    assert outcome.code == 0, outcome
    assert json.loads((tmp_path / "upload.json").read_bytes()) == upload


@pytest.mark.parametrize("part", ["", books.STRINGS, books.WORKBOOK], ids=["sheet", "strings", "workbook"])
def test_no_other_file_is_read_through_an_entity(part: str, good: Path, tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("treasure", encoding="utf-8")
    book = tmp_path / "book.xlsx"
    books.file_entity(good, book, part, secret)
    before = contents(tmp_path)
    outcome = run("validate", book)
    assert_refused(outcome, "entit|DTD|document type|damaged")
    assert "treasure" not in outcome.err
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("remark", "code", "rule"),
    [
        ("_x0007_bell_x001B_[2J", 0, "R36"),
        ("two\nlines\tand a tab", 0, "R36"),
        ("\u202eright to left\u202c", 0, "R37"),
        ("e\u0301 क्षि\u200d \U0001f468\u200d\U0001f469", 0, "R37"),
        ("=1+1", 0, "R38"),
        ("+91 98", 0, "R38"),
        ("@SUM(A1)", 0, "R38"),
        ("x" * 251, 1, "R30"),
        ("x" * 32_767, 1, "R30"),
    ],
    ids=["control", "lines", "right to left", "combining", "equals", "plus", "at", "long", "very long"],
)
def test_an_odd_remark_is_pointed_out(remark: str, code: int, rule: str, good: Path, tmp_path: Path):
    book = tmp_path / "book.xlsx"
    workbook = openpyxl.load_workbook(good)
    cell = cell_of(workbook["B2B"], "remarks", "DC-2026-0093")
    cell.value, cell.data_type = remark, "s"
    workbook.save(book)
    outcome = run("harvest", book, "-o", tmp_path / "upload.json")
    assert outcome.code == code, outcome
    assert f" {rule} " in outcome.out
    assert len(outcome.out) < 3_000
    assert (tmp_path / "upload.json").exists() is (code == 0)


def test_what_suppliers_write_cannot_command_the_terminal(tmp_path: Path):
    download = tmp_path / "download.json"
    download.write_bytes(jsons.with_name(DOWNLOAD, r"\u001b[2J\u001b]0;owned\u0007\u009b31m \u202egnp.exe"))
    assert build(download).code == 0
    workbook = openpyxl.load_workbook(tmp_path / "book.xlsx")
    cell_of(workbook["B2B"], "status", "SA/25-26/0417").value = "_x001B_[5m"
    workbook.save(tmp_path / "book.xlsx")
    outcome = run("validate", tmp_path / "book.xlsx")
    assert outcome.code == 1
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", outcome.out)


def cell_of(sheet: Worksheet, column: str, number: str) -> Cell:
    """Find the cell of a column, by machine name, in the row of a document, by number."""
    columns = {cell.value: cell.column for cell in sheet[NAMES_ROW]}
    row = next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == number)
    return sheet.cell(row, columns[column])


# error reports

REPORTS_REFUSED = {spoil: says for spoil, says in TEXTS_REFUSED.items() if spoil(REPORT) != REPORT.encode()}
"""All but the builders that change a supplier's name, of which an error report has none."""


@pytest.mark.parametrize("spoil", REPORTS_REFUSED, ids=lambda spoil: spoil.__name__)
def test_an_error_report_is_refused(spoil: Callable[[str], bytes], good: Path, tmp_path: Path):
    book, report = tmp_path / "book.xlsx", tmp_path / "error.json"
    book.write_bytes(good.read_bytes())
    report.write_bytes(spoil(REPORT))
    before = contents(tmp_path)
    assert_refused(run("errors", book, report), REPORTS_REFUSED[spoil])
    assert contents(tmp_path) == before
