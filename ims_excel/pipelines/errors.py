"""errors: the portal's error report goes back into the workbook."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ims_excel.exceptions import ErrorReportError
from ims_excel.pipelines.examining import open_book
from ims_excel.pipelines.joining import join
from ims_excel.pipelines.marking import field_list, mark_rows
from ims_excel.pipelines.results import ErrorsResult, MatchedError, UnmatchedError
from ims_excel.portal.errors import read_error_reports
from ims_excel.workbook.cells import address
from ims_excel.workbook.grid import HEADING_ROW, UNMATCHED_SHEET
from ims_excel.workbook.shown import IDENTITY_FIELDS
from ims_excel.workbook.writeback import BookPatch, NewSheet, write_back

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from decimal import Decimal

    from ims_excel.decisions import Decision
    from ims_excel.findings import Place
    from ims_excel.portal.errors import PortalError
    from ims_excel.workbook.read import Book

ALL_MATCHED = "Every error of the last report found its row."


def errors(
    book: Path | str,
    reports: Sequence[Path | str] | Path | str,
    *,
    out: Path | str | None = None,
    source: Path | str | None = None,
) -> ErrorsResult:
    """Put the portal's error reports into the workbook's "GST portal validation errors" column.

    Earlier portal errors are cleared; errors that match no row are listed on the sheet "Unmatched errors".

    Args:
        book: the workbook the upload was harvested from.
        reports: the error files, .json or .zip.
        out: write the marked workbook here and leave ``book`` alone.
        source: the download, for a workbook that lost its hidden sheet.

    Raises:
        ImsError: a file cannot be read, belongs to another GSTIN, or the workbook cannot be written.
    """
    path = Path(book)
    paths = [Path(reports)] if isinstance(reports, (str, Path)) else [Path(report) for report in reports]
    report = read_error_reports(paths)
    opened, snapshot = open_book(path, Path(source) if source else None)
    if report.recipient and report.recipient != snapshot.recipient:
        raise ErrorReportError(
            paths[0],
            f"this error report is of GSTIN {report.recipient}, the workbook of {snapshot.recipient} (R11).",
        )
    matching = match(report.errors, join(opened, snapshot).decisions)
    patch, cleared = _patch(opened, matching)
    target = Path(out) if out else path
    written = write_back(path, patch, target)
    return ErrorsResult(
        book=path,
        written=target if written.changed or target != path else None,
        recipient=snapshot.recipient,
        matched=tuple(_matched(matching, opened)),
        unmatched=tuple(_unmatched(error) for error in matching.unmatched),
        notices=tuple(report.notices),
        cleared=cleared,
    )


@dataclass(frozen=True)
class Matching:
    """Which rows the portal's errors are about."""

    by_row: dict[Place, list[tuple[PortalError, Decision]]]
    unmatched: list[PortalError]


def match(portal_errors: Iterable[PortalError], decisions: Iterable[Decision]) -> Matching:
    """Match errors with rows by section, supplier and number, then date and period where given (3.3).

    Several rows that match are all marked.
    """
    index: dict[tuple[str, str, str], list[Decision]] = defaultdict(list)
    for decision in decisions:
        document = decision.record.document
        index[
            decision.record.section.key,
            document.supplier_gstin.strip().casefold(),
            document.number.strip().casefold(),
        ].append(decision)
    by_row: dict[Place, list[tuple[PortalError, Decision]]] = defaultdict(list)
    unmatched = []
    for error in portal_errors:
        section = error.section.key if error.section else ""
        key = (section, error.supplier_gstin.strip().casefold(), error.number.strip().casefold())
        found = [decision for decision in index.get(key, ()) if _same_document(error, decision)]
        for decision in found:
            by_row[decision.place].append((error, decision))
        if not found:
            unmatched.append(error)
    return Matching(dict(by_row), unmatched)


def _same_document(error: PortalError, decision: Decision) -> bool:
    document = decision.record.document
    return (not error.date or error.date == document.date) and (
        not error.return_period or not document.return_period or error.return_period == document.return_period
    )


def _patch(book: Book, matching: Matching) -> tuple[BookPatch, int]:
    texts = {
        place: "\n".join(dict.fromkeys(_sentence(error) for error, _ in found))
        for place, found in matching.by_row.items()
    }
    fields = {
        place: field_list(
            field for error, _ in found for field in (error.fields or (*IDENTITY_FIELDS, "status"))
        )
        for place, found in matching.by_row.items()
    }
    patches = mark_rows(book, {"portal_errors": texts, "portal_fields": fields}, clear_filter=False)
    cleared = sum(
        value is None and column == sheet.columns.get("portal_errors")
        for sheet in book.sheets
        for (_, column), value in patches[sheet.title].cells.items()
    )
    listed = matching.unmatched or any(title.startswith(UNMATCHED_SHEET) for title in book.other_sheets)
    new_sheets = [_unmatched_sheet(book, matching)] if listed else []
    return BookPatch(sheets=list(patches.values()), new_sheets=new_sheets), cleared


def _unmatched_sheet(book: Book, matching: Matching) -> NewSheet:
    """List what belongs to no row; the sheet of an earlier report is replaced."""
    sheet = next(sheet for sheet in book.sheets if "sheet_errors" in sheet.columns)
    heading = (sheet.title, sheet.heading_row or HEADING_ROW, sheet.columns["sheet_errors"])
    titles = ("Section", "GSTIN of supplier", "Number", "Code", "Message", "What to do")
    rows: list[list[str | Decimal | date | None]] = [
        [error.source_key, error.supplier_gstin, error.number, error.code, error.message, error.advice]
        for error in matching.unmatched
    ]
    return NewSheet(
        title=UNMATCHED_SHEET,
        rows=[[*titles], *rows] if rows else [[ALL_MATCHED]],
        widths=[12, 20, 24, 16, 60, 60],
        heading_like=heading,
        body_like=None,
    )


def _sentence(error: PortalError) -> str:
    code = f"{error.code}: " if error.code else ""
    advice = f" What to do: {error.advice}" if error.advice else ""
    return f"{code}{error.message}{advice}"


def _matched(matching: Matching, book: Book) -> Iterable[MatchedError]:
    columns = {sheet.title: sheet.columns for sheet in book.sheets}
    for place, found in sorted(matching.by_row.items()):
        for error, decision in found:
            names = (*error.fields, "portal_errors", "status")
            column = next(columns[place.sheet][name] for name in names if name in columns[place.sheet])
            yield MatchedError(
                cell=address(place.sheet, place.row, column),
                document=decision.record.label,
                code=error.code,
                message=error.message,
                advice=error.advice,
            )


def _unmatched(error: PortalError) -> UnmatchedError:
    return UnmatchedError(
        section=error.source_key,
        supplier_gstin=error.supplier_gstin,
        number=error.number,
        code=error.code,
        message=error.message,
        advice=error.advice,
    )
