"""Marking: findings become text in the workbook's error columns, and changed portal cells are put back."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ims_excel.findings import Place, Severity
from ims_excel.workbook.grid import FIELD_MARK
from ims_excel.workbook.shown import SHOWN, as_text
from ims_excel.workbook.writeback import BookPatch, SheetPatch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ims_excel.decisions import EditedCell
    from ims_excel.findings import Finding
    from ims_excel.workbook.read import Book, RowRead, SheetRead
    from ims_excel.workbook.writeback import WriteBackResult

_WORDS = {Severity.ERROR: "Error", Severity.WARNING: "Warning"}


def field_list(fields: Iterable[str]) -> str:
    """Write machine names the way the conditional formats look for them: ``;status;remarks;``."""
    names = list(dict.fromkeys(fields))
    return FIELD_MARK + FIELD_MARK.join(names) + FIELD_MARK if names else ""


def mark_findings(book: Book, findings: Iterable[Finding], edited: Iterable[EditedCell]) -> BookPatch:
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
    patches = mark_rows(book, {"sheet_errors": texts, "sheet_fields": fields}, clear_filter=True)
    _restore(patches, book, edited)
    return BookPatch(sheets=list(patches.values()), new_sheets=[])


def mark_rows(
    book: Book,
    columns: Mapping[str, Mapping[Place, str]],
    *,
    clear_filter: bool,
    keep: Collection[Place] = (),
) -> dict[str, SheetPatch]:
    """Patch whole tool columns: each row says the text given for it, all others but those to keep nothing."""
    patches = {}
    for sheet in book.sheets:
        patch = SheetPatch(title=sheet.title, cells={}, clear_filter=clear_filter)
        kept = {place.row for place in keep if place.sheet == sheet.title}
        places = [
            (
                sheet.columns[name],
                {place.row: text for place, text in texts.items() if place.sheet == sheet.title},
            )
            for name, texts in columns.items()
            if name in sheet.columns
        ]
        for row in sheet.rows:
            for column, texts in places:
                wanted = texts.get(row.number, "")
                if wanted != _present(row, column) and (wanted or row.number not in kept):
                    patch.cells[row.number, column] = wanted or None
        patches[sheet.title] = patch
    return patches


def clear_portal_errors(patch: BookPatch, book: Book, places: Collection[Place]) -> None:
    """Take the portal's errors off rows that no longer deserve them."""
    patches = {sheet.title: sheet for sheet in patch.sheets}
    for sheet in book.sheets:
        numbers = {place.row for place in places if place.sheet == sheet.title}
        columns = [
            sheet.columns[name] for name in ("portal_errors", "portal_fields") if name in sheet.columns
        ]
        for row in sheet.rows if numbers else ():
            if row.number in numbers:
                emptied = {(row.number, column): None for column in columns if _present(row, column)}
                patches[sheet.title].cells.update(emptied)


def hidden_by_hand(book: Book, written: WriteBackResult) -> int:
    """Count the rows with documents that stay hidden, because no filter hid them."""
    return max(0, sum(sheet.hidden_rows for sheet in book.sheets) - written.shown_rows)


def _present(row: RowRead, column: int) -> str:
    return as_text(row.values[column]) if column < len(row.values) else ""


def _sentence(finding: Finding) -> str:
    fix = f" {finding.fix}" if finding.fix else ""
    return f"{_WORDS[finding.severity]} {finding.rule}: {finding.what}{fix}"


def _restore(patches: dict[str, SheetPatch], book: Book, edited: Iterable[EditedCell]) -> None:
    sheets: dict[str, SheetRead] = {sheet.title: sheet for sheet in book.sheets}
    for cell in edited:
        column = sheets[cell.place.sheet].columns[cell.field]
        patches[cell.place.sheet].cells[cell.place.row, column] = SHOWN[cell.field](cell.record.document)
