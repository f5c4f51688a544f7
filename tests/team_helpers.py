"""People at copies of one workbook: openpyxl types for them and reads what came of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from life_helpers import GUJARAT, MAHARASHTRA, RECIPIENT, credit_note, invoice
from openpyxl import load_workbook

from ims_excel import build, harvest, merge, refresh

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
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
    return build(source, folder / name, gstin=RECIPIENT, overwrite=True).book


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


def copies_of(base: Path, *typed: Mapping[str, Mapping[str, object]]) -> list[Path]:
    """Copies a.xlsx, b.xlsx … beside a workbook, in each of which somebody typed."""
    names = (base.with_name(f"{letter}.xlsx") for letter in "abcdefgh")
    return [edited(base, name, rows) for name, rows in zip(names, typed, strict=False)]


def merged(base: Path, copies: Sequence[Path], name: str = "merged.xlsx"):
    """What comes of merging copies."""
    return merge(base, copies, base.with_name(name), overwrite=True)


def refreshed(book: Path, data: dict, name: str = "") -> Path:
    """A workbook with a newer download in it; beside it under a name, or in its place."""
    source = book.with_suffix(".newer.json")
    source.write_text(json.dumps(data), encoding="utf-8")
    return refresh(book, source, out=book.with_name(name) if name else None, force=True).written


def sent(book: Path, **options: object) -> dict[str, str]:
    """Harvest, and give the action of each document that goes up."""
    path = book.with_name("sent.json")
    path.unlink(missing_ok=True)
    result = harvest(book, path, **options)
    data = json.loads(path.read_bytes())["invdata"] if result.upload else {}
    return {r.get("inum") or r["nt_num"]: r["action"] for records in data.values() for r in records}


def rules_in(result, document: str = "") -> list[str]:
    """The rules that errors and warnings of a result are about, of one document or of all."""
    found = (f for f in result.findings if f.severity.value != "info" and f.place)
    return [f.rule for f in found if f.document.startswith(document)]


def change(book: Path, *, out: Path | None = None, title: str = "B2B", **cells: object) -> Path:
    """A workbook with some cells of a sheet changed, named by their addresses."""
    workbook = load_workbook(book)
    for address, value in cells.items():
        workbook[title][address] = value
    workbook.save(out or book)
    return out or book


def delete_row(book: Path, number: str) -> None:
    workbook = load_workbook(book)
    for sheet in workbook:
        for row in list(sheet.iter_rows()):
            if any(cell.value == number for cell in row):
                sheet.delete_rows(row[0].row)
    workbook.save(book)


def delete_sheet(book: Path, title: str) -> None:
    workbook = load_workbook(book)
    del workbook[title]
    workbook.save(book)


def _column(sheet, heading: str) -> int:
    headings = [cell.value for cell in sheet[HEADINGS]]
    if heading not in headings:
        headings.append(heading)
        sheet.cell(HEADINGS, len(headings)).value = heading
    return headings.index(heading) + 1


def _documents(workbook) -> Iterator[tuple[object, str, dict[str, Cell]]]:
    for sheet in workbook:
        headings = [cell.value for cell in sheet[HEADINGS]] if sheet.max_row >= HEADINGS else []
        if {"Status", "Remarks"} <= {*headings}:
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
