"""People at copies of one workbook: openpyxl types for them and reads what came of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from life_helpers import GUJARAT, MAHARASHTRA, RECIPIENT, credit_note, invoice
from openpyxl import load_workbook

from ims_excel import build

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from openpyxl.cell import Cell

HEADINGS = 5


def download() -> dict:
    """Six invoices of three suppliers and two credit notes, numbered INV-1 … and CN-1 …."""
    suppliers = [
        (MAHARASHTRA, "Sahyadri Alloys"),
        (GUJARAT, "Dandi Chemicals"),
        ("33ZZZCV4404E1Z3", "Vaigai Packaging"),
    ]
    invoices = [
        invoice(f"INV-{n}", stin=gstin, tradenm=name, val=1000 * n)
        for n, (gstin, name) in enumerate(suppliers * 2, start=1)
    ]
    notes = [credit_note(f"CN-{n}", tradenm="Sahyadri Alloys", val=500 * n) for n in (1, 2)]
    return {"rtin": RECIPIENT, "imsDetails": {"b2b": invoices, "b2bcn": notes}}


NUMBERS = ("INV-1", "INV-2", "INV-3", "INV-4", "INV-5", "INV-6", "CN-1", "CN-2")


def built(folder: Path, data: dict | None = None, name: str = "march.xlsx") -> Path:
    """A workbook built from a download."""
    source = folder / f"{name}.json"
    source.write_text(json.dumps(data or download()), encoding="utf-8")
    return build(source, folder / name, gstin=RECIPIENT).book


def edited(book: Path, out: Path, rows: Mapping[str, Mapping[str, object]], *, author: str = "") -> Path:
    """A copy in which somebody typed; cells by number and heading, an unknown heading makes a new column."""
    workbook = load_workbook(book)
    for sheet, number, cells in list(_documents(workbook)):
        for heading, value in rows.get(number, {}).items():
            column = cells[heading].column if heading in cells else _column(sheet, heading)
            sheet.cell(next(iter(cells.values())).row, column).value = value
    workbook.properties.lastModifiedBy = author or None
    workbook.save(out)
    return out


def _column(sheet, heading: str) -> int:
    headings = [cell.value for cell in sheet[HEADINGS]]
    if heading not in headings:
        headings.append(heading)
        sheet.cell(HEADINGS, len(headings)).value = heading
    return headings.index(heading) + 1


def _documents(workbook) -> Iterator[tuple[object, str, dict[str, Cell]]]:
    for sheet in workbook:
        headings = [cell.value for cell in sheet[HEADINGS]] if sheet.max_row >= HEADINGS else []
        if "Status" in headings:
            for row in sheet.iter_rows(min_row=HEADINGS + 1):
                cells = {heading: cell for heading, cell in zip(headings, row, strict=False) if heading}
                number = next((cell.value for cell in row if cell.value in NUMBERS), None)
                if number:
                    yield sheet, number, cells


def table(book: Path, *headings: str) -> dict[str, tuple[object, ...]]:
    """What some cells of every document say, by number."""
    documents = _documents(load_workbook(book))
    return {number: tuple(cells[heading].value for heading in headings) for _, number, cells in documents}


def says(book: Path, number: str, *headings: str) -> object:
    """What the cells of a document say; one value for one heading."""
    for _, found, cells in _documents(load_workbook(book)):
        if found == number:
            values = tuple(cells[heading].value if heading in cells else None for heading in headings)
            return values[0] if len(headings) == 1 else values
    raise AssertionError(f"{number} is not in {book.name}")


def statuses(book: Path) -> dict[str, object]:
    """What every document's Status says."""
    return {number: cells["Status"].value for _, number, cells in _documents(load_workbook(book))}


def shown(book: Path) -> set[str]:
    """Numbers of the documents whose rows are not hidden."""
    return {
        number
        for sheet, number, cells in _documents(load_workbook(book))
        if not sheet.row_dimensions[cells["Status"].row].hidden
    }


def rows_of(book: Path, title: str) -> list[tuple[object, ...]]:
    """All rows of a sheet."""
    return list(load_workbook(book)[title].iter_rows(values_only=True))


def keep(book: Path, choices: Mapping[str, str], title: str = "Conflicts") -> None:
    """Choose on the sheet of conflicts, by the document's number."""
    workbook = load_workbook(book)
    sheet = workbook[title]
    headings = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        choice = choices.get(row[headings.index("Number")].value)
        if choice is not None:
            row[headings.index("Keep")].value = choice
    workbook.save(book)
