"""errors: the portal's error report goes back into the workbook."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ims_excel.audit import FileMark, event_now, mark_of, time_of
from ims_excel.decisions import Withdrawn
from ims_excel.exceptions import ErrorReportError
from ims_excel.gst.dates import financial_year
from ims_excel.pipelines.examining import open_book, open_ledger
from ims_excel.pipelines.joining import join, withdrawn_key
from ims_excel.pipelines.marked import target_of
from ims_excel.pipelines.marking import field_list, mark_rows
from ims_excel.pipelines.recording import (
    append,
    changed_since,
    changes_of,
    heading_cell,
    record,
    rows_to_log,
)
from ims_excel.pipelines.results import ErrorsResult, MatchedError, UnmatchedError
from ims_excel.pipelines.settling import settle
from ims_excel.portal.errors import read_error_reports
from ims_excel.progress import LOOKING, WRITING, silent
from ims_excel.workbook.cells import address
from ims_excel.workbook.grid import UNMATCHED_SHEET
from ims_excel.workbook.shown import IDENTITY_FIELDS
from ims_excel.workbook.writeback import BookPatch, NewSheet, write_back

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date
    from decimal import Decimal

    from ims_excel.audit import Change, Event
    from ims_excel.decisions import Decision, Notes, Reading
    from ims_excel.findings import Place
    from ims_excel.pipelines.settling import Settlement
    from ims_excel.portal.errors import ErrorReport, PortalError
    from ims_excel.portal.record import Record
    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.progress import Progress
    from ims_excel.workbook.read import Book

    _Row = Decision | Withdrawn

ALL_MATCHED = "Every error of the last report found its row."


def errors(
    book: Path | str,
    reports: Sequence[Path | str] | Path | str,
    *,
    upload: Path | str | None = None,
    out: Path | str | None = None,
    source: Path | str | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
    now: datetime | None = None,
) -> ErrorsResult:
    """Put the portal's error reports into the workbook's "GST portal validation errors" column.

    The records of the upload that the reports do not name count as taken by the portal from now on; those
    they name stay open until they are corrected. Earlier portal errors are cleared, except those of other
    uploads that are still open; errors that match no row are listed on the sheet "Unmatched errors".

    Args:
        book: the workbook the upload was harvested from.
        reports: the error files, .json or .zip, of one upload.
        upload: the upload they are about; by default the one with the records they name, as they repeat them.
        out: write the marked workbook here and leave ``book`` alone.
        source: the download, for a workbook that lost its hidden sheet.
        overwrite: let ``out`` replace an existing workbook.
        progress: told of each step, the documents done and the documents in all.
        now: the time for the log; by default the present.

    Raises:
        ImsError: a file cannot be read, belongs to another GSTIN, or the workbook cannot be written.
    """
    path = Path(book)
    target, moment = target_of(path, out, overwrite=overwrite), now or datetime.now(timezone.utc)
    paths = [Path(reports)] if isinstance(reports, (str, Path)) else [Path(report) for report in reports]
    report = read_error_reports(paths)
    progress(LOOKING, 0, 0)
    opened, snapshot = open_book(path, Path(source) if source else None)
    _refuse_others(report, snapshot, paths[0])
    ledger = open_ledger(opened)
    reading = join(opened, snapshot, ledger, facts=IDENTITY_FIELDS, progress=progress)
    matching = match(report.errors, [*reading.decisions, *reading.withdrawn])
    named, unknown = _named(matching, reading)
    said = {key: found.errors for key, found in named.items()}
    meant = Path(upload) if upload else None
    settlement = settle(ledger, report, said, unknown, upload=meant, at=time_of(moment))
    changed = changed_since(rows_to_log(reading), ledger)
    refused = [found.record.label for key, found in named.items() if key in settlement.refused]
    changes = changes_of(changed, ledger)
    event = _event(path, paths, settlement, refused=refused, changes=changes, moment=moment)
    patch, cleared = _patch(opened, reading.notes, matching, _still_open(settlement, reading))
    after = settlement.ledger.having_seen(changed)
    record(patch, event, book=opened, snapshot=snapshot, before=ledger, after=after)
    progress(WRITING, 0, 0)
    written = write_back(path, patch, target)
    notices = [*report.notices, settlement.notice, *append(event, path, target, ledger)]
    return ErrorsResult(
        book=path,
        written=target if written.changed or target != path else None,
        recipient=snapshot.recipient,
        matched=tuple(_matched(matching, opened)),
        unmatched=tuple(_unmatched(error) for error in matching.unmatched),
        notices=tuple(filter(None, notices)),
        cleared=cleared,
        uploads=tuple(part.name for part in settlement.uploads),
        taken=settlement.taken,
        refused=len(settlement.refused),
        unsure=settlement.unsure,
        to_resend=settlement.to_resend,
    )


def _refuse_others(report: ErrorReport, snapshot: Snapshot, path: Path) -> None:
    if report.recipient and report.recipient != snapshot.recipient:
        raise ErrorReportError(
            path,
            f"this error report is of GSTIN {report.recipient}, the workbook of {snapshot.recipient} (R11).",
        )


def _event(
    book: Path,
    reports: Sequence[Path],
    settlement: Settlement,
    *,
    refused: Sequence[str],
    changes: Sequence[Change],
    moment: datetime,
) -> Event:
    """Put in the log's terms what the reports said."""
    counts = {
        "taken": settlement.taken,
        "refused": len(settlement.refused),
        "to send again": settlement.to_resend,
    }
    files = [
        mark_of("workbook", book),
        *(mark_of("report", path) for path in reports),
        *(FileMark("upload", part.name, part.sha256) for part in settlement.uploads),
    ]
    return event_now("errors", moment, book, files=files, counts=counts, changes=changes, refused=refused)


class _Named(NamedTuple):
    """A record that errors name."""

    record: Record
    errors: list[PortalError]


def _named(matching: Matching, reading: Reading) -> tuple[dict[str, _Named], list[PortalError]]:
    """Collect the records that errors name, those without a usable row too, and the errors that name none."""
    named: dict[str, _Named] = {}
    for by_row in matching.by_row.values():
        for error, row in by_row:
            named.setdefault(_key_of(row), _Named(row.record, [])).errors.append(error)
    unknown = []
    rowless = [*reading.missing, *(row.record for row in reading.misplaced)]
    for error in matching.unmatched:
        about = [found for found in rowless if _is_about(error, found)]
        for found in about:
            named.setdefault(found.key, _Named(found, [])).errors.append(error)
        if not about:
            unknown.append(error)
    return named, unknown


def _still_open(settlement: Settlement, reading: Reading) -> set[Place]:
    """Find the rows whose errors came with an earlier report and are still open."""
    keys = settlement.ledger.refused_keys()
    rows: Iterable[_Row] = (*reading.decisions, *reading.withdrawn) if keys else ()
    return {row.place for row in rows if _key_of(row) in keys}


@dataclass(frozen=True)
class Matching:
    """Which rows the portal's errors are about."""

    by_row: dict[Place, list[tuple[PortalError, _Row]]]
    unmatched: list[PortalError]


def match(portal_errors: Iterable[PortalError], rows: Iterable[_Row]) -> Matching:
    """Match errors with rows by section, supplier and number, then date and period where given (3.3).

    Several rows that match are all marked. Where the only row of a number has another date or period in the
    same financial year, the supplier has moved the document since it was uploaded (Rule 46(b)).
    """
    index: dict[_Identity, list[_Row]] = defaultdict(list)
    for row in rows:
        index[_identity(row.record)].append(row)
    by_row: dict[Place, list[tuple[PortalError, _Row]]] = defaultdict(list)
    unmatched = []
    for error in portal_errors:
        likely = index.get(_identity_in(error), [])
        found = [row for row in likely if _is_about(error, row.record)]
        if not found and len(likely) == 1 and _is_moved(error, likely[0].record):
            found = likely
        for row in found:
            by_row[row.place].append((error, row))
        if not found:
            unmatched.append(error)
    return Matching(dict(by_row), unmatched)


def _key_of(row: _Row) -> str:
    """Give the key by which the ledger knows a row's record."""
    return withdrawn_key(row.record) if isinstance(row, Withdrawn) else row.record.key


_Identity = tuple[str, str, str]


def _identity(record: Record) -> _Identity:
    document = record.outline
    gstin, number = document.supplier_gstin.strip().casefold(), document.number.strip().casefold()
    return record.section.key, gstin, number


def _identity_in(error: PortalError) -> _Identity:
    section = error.section.key if error.section else ""
    return section, error.supplier_gstin.strip().casefold(), error.number.strip().casefold()


def _is_about(error: PortalError, record: Record) -> bool:
    document = record.document
    return (
        _identity_in(error) == _identity(record)
        and (not error.date or error.date == document.date)
        and _may_be_same(error.return_period or "", document.return_period or "")
    )


def _is_moved(error: PortalError, record: Record) -> bool:
    """Tell whether an error may be about a record that has another date or period by now."""
    year = financial_year(record.outline.date)
    return year is not None and financial_year(error.date or record.outline.date) == year


def _may_be_same(period: str, other: str) -> bool:
    """Compare two return periods, of which one may be the month alone (7.2) or missing."""
    digits = min(len(period), len(other))
    return period[:digits] == other[:digits]


def _patch(book: Book, notes: Notes, matching: Matching, keep: Collection[Place]) -> tuple[BookPatch, int]:
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
    columns = {"portal_errors": texts, "portal_fields": fields}
    patches = mark_rows(book, notes, columns, clear_filter=False, keep=keep)
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
    titles = ("Section", "GSTIN of supplier", "Number", "Code", "Message", "What to do")
    rows: list[list[str | Decimal | date | None]] = [
        [_sheet_of(error), error.supplier_gstin, error.number, error.code, error.message, error.advice]
        for error in matching.unmatched
    ]
    return NewSheet(
        title=UNMATCHED_SHEET,
        rows=[[*titles], *rows] if rows else [[ALL_MATCHED]],
        widths=[12, 20, 24, 16, 60, 60],
        heading_like=heading_cell(book),
    )


def _sheet_of(error: PortalError) -> str:
    """Name the sheet of an error's section; one that we do not know as the report spells it."""
    return error.section.sheet if error.section else error.source_key


def _sentence(error: PortalError) -> str:
    code = f"{error.code}: " if error.code else ""
    advice = f" What to do: {error.advice}" if error.advice else ""
    return f"{code}{error.message}{advice}"


def _matched(matching: Matching, book: Book) -> Iterator[MatchedError]:
    columns = {sheet.title: sheet.columns for sheet in book.sheets}
    for place, found in sorted(matching.by_row.items()):
        for error, row in found:
            names = (*error.fields, "portal_errors", "status")
            column = next(columns[place.sheet][name] for name in names if name in columns[place.sheet])
            yield MatchedError(
                cell=address(place.sheet, place.row, column),
                document=row.record.label,
                code=error.code,
                message=error.message,
                advice=error.advice,
            )


def _unmatched(error: PortalError) -> UnmatchedError:
    return UnmatchedError(
        section=_sheet_of(error),
        supplier_gstin=error.supplier_gstin,
        number=error.number,
        code=error.code,
        message=error.message,
        advice=error.advice,
    )
