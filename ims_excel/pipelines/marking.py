"""Marking: findings become text in the workbook's error columns, and changed portal cells are put back."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ims_excel.findings import Place, Severity
from ims_excel.workbook.grid import FIELD_MARK
from ims_excel.workbook.shown import SHOWN
from ims_excel.workbook.writeback import BookPatch, SheetPatch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ims_excel.decisions import EditedCell, Notes, Reading
    from ims_excel.findings import Finding
    from ims_excel.workbook.read import Book, SheetRead
    from ims_excel.workbook.writeback import WriteBackResult

_WORDS = {Severity.ERROR: "Error", Severity.WARNING: "Warning"}


def field_list(fields: Iterable[str]) -> str:
    """Write machine names the way the conditional formats look for them: ``;status;remarks;``."""
    names = list(dict.fromkeys(fields))
    return FIELD_MARK + FIELD_MARK.join(names) + FIELD_MARK if names else ""


def mark_findings(book: Book, reading: Reading, findings: Iterable[Finding]) -> BookPatch:
    """Write the findings of this run, clear those of the last, restore portal cells, clear the filters."""
    by_row: dict[Place, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.place is not None and finding.severity in _WORDS:
            by_row[finding.place].append(finding)
    texts = {place: "\n".join(map(_sentence, found)) for place, found in by_row.items()}
    fields = {
        place: field_list(
            field for finding in found if finding.severity is Severity.ERROR for field in finding.fields
        )
        for place, found in by_row.items()
    }
    columns = {"sheet_errors": texts, "sheet_fields": fields}
    patches = mark_rows(book, reading.notes, columns, clear_filter=True)
    _restore(patches, book, reading.edited)
    return BookPatch(sheets=list(patches.values()), new_sheets=[])


def mark_rows(
    book: Book,
    notes: Notes,
    columns: Mapping[str, Mapping[Place, str]],
    *,
    clear_filter: bool,
    keep: Collection[Place] = (),
) -> dict[str, SheetPatch]:
    """Patch whole tool columns: each row says the text given for it, all others but those to keep nothing."""
    patches = {
        sheet.title: SheetPatch(title=sheet.title, cells={}, clear_filter=clear_filter)
        for sheet in book.sheets
    }
    places = {(sheet.title, name): column for sheet in book.sheets for name, column in sheet.columns.items()}
    for name, texts in columns.items():
        for (sheet, row), text in texts.items():
            column = places.get((sheet, name))
            if column is not None and text != notes.get((sheet, name), {}).get(row, ""):
                patches[sheet].cells[row, column] = text or None
        for title, patch in patches.items():
            emptied = _no_longer(notes.get((title, name), {}), title, texts, keep)
            patch.cells.update({(row, places[title, name]): None for row in emptied})
    return patches


def _no_longer(
    noted: Mapping[int, str], sheet: str, texts: Mapping[Place, str], keep: Collection[Place]
) -> Iterator[int]:
    """Number the rows whose text is to go."""
    for row, text in noted.items():
        place = Place(sheet, row)
        if text and place not in texts and place not in keep:
            yield row


def clear_portal_errors(patch: BookPatch, book: Book, notes: Notes, places: Collection[Place]) -> None:
    """Take the portal's errors off rows that no longer deserve them."""
    patches = {sheet.title: sheet for sheet in patch.sheets}
    columns = {sheet.title: sheet.columns for sheet in book.sheets}
    for name in ("portal_errors", "portal_fields"):
        for sheet, row in places:
            if notes.get((sheet, name), {}).get(row):
                patches[sheet].cells[row, columns[sheet][name]] = None


def hidden_by_hand(book: Book, written: WriteBackResult) -> int:
    """Count the rows with documents that stay hidden, because no filter hid them."""
    return max(0, sum(sheet.hidden_rows for sheet in book.sheets) - written.shown_rows)


def _sentence(finding: Finding) -> str:
    fix = f" {finding.fix}" if finding.fix else ""
    return f"{_WORDS[finding.severity]} {finding.rule}: {finding.what}{fix}"


def _restore(patches: dict[str, SheetPatch], book: Book, edited: Iterable[EditedCell]) -> None:
    sheets: dict[str, SheetRead] = {sheet.title: sheet for sheet in book.sheets}
    for cell in edited:
        column = sheets[cell.place.sheet].columns[cell.field]
        patches[cell.place.sheet].cells[cell.place.row, column] = SHOWN[cell.field](cell.record.document)
