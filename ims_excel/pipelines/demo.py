"""demo: the whole month on the shipped samples."""

from __future__ import annotations

import csv
import shutil
from typing import TYPE_CHECKING

from ims_excel.gst.amounts import parse_amount
from ims_excel.pipelines.build import build
from ims_excel.pipelines.errors import errors
from ims_excel.pipelines.harvest import harvest
from ims_excel.portal.record import DECLARED_HEADS
from ims_excel.portal.sections import section_for
from ims_excel.resources import resource_dir
from ims_excel.workbook.read import read_book
from ims_excel.workbook.shown import as_text
from ims_excel.workbook.sums import sums_patches
from ims_excel.workbook.writeback import BookPatch, SheetPatch, write_back

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ims_excel.workbook.read import SheetRead

SAMPLE_RECIPIENT = "27ZZZCK4501A1ZH"


def demo(directory: Path) -> Iterator[str]:
    """Build, decide, harvest and take the portal's errors back; yield a line about each file made."""
    directory.mkdir(parents=True, exist_ok=True)
    samples = resource_dir("samples")
    download = _copy(samples / "download.json", directory)
    report = _copy(samples / "error_offline.json", directory)
    yield f"The portal's download         {download}"
    built = build(download, directory / "1-built.xlsx", gstin=SAMPLE_RECIPIENT, overwrite=True)
    yield f"The workbook built from it    {built.book}  ({built.documents} documents)"
    decided = directory / "2-decided.xlsx"
    count = decide(built.book, samples / "decisions.csv", decided)
    yield f"With sample decisions         {decided}  ({count} rows decided)"
    harvested = harvest(decided, directory / "3-upload.json", overwrite=True)
    yield f"The upload harvested          {harvested.upload}  ({harvested.exported_documents} records)"
    yield f"The portal's error report     {report}"
    marked = errors(decided, report, out=directory / "4-portal-errors.xlsx", overwrite=True)
    yield f"With the portal's errors in   {marked.written}  ({len(marked.matched)} rows highlighted)"
    for error in marked.matched:
        yield f"    {error.cell:14} {error.document}: {error.message}"


def decide(book: Path, decisions: Path, out: Path) -> int:
    """Type the decisions of a CSV into a workbook's input columns and save it as ``out``.

    The CSV's columns are section, supplier_gstin, number and the machine names of input columns.
    Returns the number of rows decided.
    """
    with decisions.open(encoding="utf-8", newline="") as file:
        wanted = {
            (section.key, row["supplier_gstin"], row["number"]): row
            for row in csv.DictReader(file)
            if (section := section_for(row["section"])) is not None
        }
    patches, count = [], 0
    read = read_book(book)
    for sheet in read.sheets:
        patch = SheetPatch(title=sheet.title, cells={}, clear_filter=False)
        for number, row in _rows_of(sheet, wanted):
            count += 1
            for field, text in row.items():
                if field in sheet.columns and text and field not in ("supplier_gstin", "number"):
                    value = parse_amount(text) if field in DECLARED_HEADS else text
                    patch.cells[number, sheet.columns[field]] = value
        patches.append(patch)
    decided = BookPatch(sheets=patches, new_sheets=[])
    decided.sheets += sums_patches(read, decided)
    write_back(book, decided, out)
    return count


def _rows_of(
    sheet: SheetRead, wanted: dict[tuple[str, str, str], dict[str, str]]
) -> Iterator[tuple[int, dict[str, str]]]:
    for row in sheet.rows:
        gstin, number = (as_text(row.values[sheet.columns[f]]) for f in ("supplier_gstin", "number"))
        decision = wanted.get((sheet.section.key, gstin, number))
        if decision is not None:
            yield row.number, decision


def _copy(sample: Path, directory: Path) -> Path:
    target = directory / sample.name
    shutil.copyfile(sample, target)
    return target
