"""Joining: each row of the edited workbook finds its record of the download, by key and never by position."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

from ims_excel.decisions import (
    Decision,
    EditedCell,
    Misplaced,
    Reading,
    Stranger,
    Unconfirmed,
    Withdrawn,
)
from ims_excel.findings import Place
from ims_excel.ledger import GONE
from ims_excel.pipelines.entering import INPUT_FIELDS, InputReader, before_of, entered_of, is_confirmation
from ims_excel.portal.records import keyed
from ims_excel.progress import READING, silent
from ims_excel.workbook.grid import ASKED, CHANGE, CHANGED, CONFLICT
from ims_excel.workbook.shown import IDENTITY_FIELDS, SHOWN, as_text, differing, still_shows

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterator, Sequence

    from ims_excel.decisions import Entered
    from ims_excel.ledger import Ledger
    from ims_excel.portal.record import Document, Outline, Record
    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.progress import Progress
    from ims_excel.workbook.batches import Batch
    from ims_excel.workbook.cells import CellValue
    from ims_excel.workbook.read import Book, RowRead, SheetRead
    from ims_excel.workbook.shown import Shown

KEPT_DOCUMENTS = 200_000
"""Documents from which on those that nobody decided on are let go again, to be decoded when asked for."""
NOTED = ("sheet_errors", "sheet_fields", "portal_errors", "portal_fields", CHANGE, CHANGED)
"""The columns that the tool fills beside the rows."""
_MARK = (CHANGE, CHANGED)
_ASKING = {ASKED, CONFLICT}
_LIKE_A_DATE = re.compile(r"(?:\d{1,4}|[A-Za-z]{3,9})(?:[-/. ]+(?:\d{1,4}|[A-Za-z]{3,9})){1,2}")


def join(
    book: Book,
    snapshot: Snapshot,
    ledger: Ledger | None = None,
    *,
    facts: Collection[str] = frozenset(SHOWN),
    progress: Progress = silent,
) -> Reading:
    """Join the rows of a workbook with the records of its download (R14, R24–R27a).

    Beside each row stands what the portal has: what the ledger says was exported, else what was downloaded.
    Of the portal's columns, only ``facts`` are compared with the download. ``progress`` is told of the rows.
    """
    joining = _Joining(snapshot, ledger, facts)
    done, total = 0, len(joining.index.by_key)
    for sheet in book.sheets:
        for count in joining.take(sheet):
            done += count
            progress(READING, min(done, total), total)
    return joining.reading(snapshot)


class _Index:
    """The records of a snapshot by key, and by what people can see when the key is gone."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.by_key: dict[str, Record] = {}
        for records in snapshot.sections.values():
            self.by_key.update(keyed(records))
        self.withdrawn = {
            withdrawn_key(record): record for records in snapshot.withdrawn.values() for record in records
        }
        self._by_identity: dict[tuple[str, ...], list[Record]] | None = None

    def by_identity(self, section_key: str, gstin: str, number: str, date: str) -> list[Record]:
        if self._by_identity is None:
            found = defaultdict(list)
            for record in self.by_key.values():
                found[_identity(record)].append(record)
            self._by_identity = dict(found)
        return self._by_identity.get((section_key, gstin.upper(), number.casefold(), date), [])


def withdrawn_key(record: Record) -> str:
    """Give the key of a row whose document is no longer in the download: no other row can get it."""
    return GONE + record.key


def is_withdrawn(key: str) -> bool:
    """Tell whether a key is that of a row whose document is no longer in the download."""
    return key.startswith(GONE)


def _identity(record: Record) -> tuple[str, ...]:
    document = record.document
    return (
        record.section.key,
        document.supplier_gstin.strip().upper(),
        document.number.strip().casefold(),
        document.date,
    )


class _Joining:
    """Rows found so far; holds state, the functions below decide."""

    def __init__(self, snapshot: Snapshot, ledger: Ledger | None, facts: Collection[str]) -> None:
        self.facts = facts
        self._known_of = attrgetter("outline" if {*facts} <= {*IDENTITY_FIELDS} else "document")
        self.index = _Index(snapshot)
        self.ledger = ledger if ledger and ledger.sendings else None
        self.asked = ledger.asked if ledger else {}
        self.forgets = len(self.index.by_key) > KEPT_DOCUMENTS
        self.decisions: list[Decision] = []
        self.edited: list[EditedCell] = []
        self.misplaced: list[Misplaced] = []
        self.strangers: list[Stranger] = []
        self.by_natural_key: list[Place] = []
        self.unconfirmed: list[Unconfirmed] = []
        self.withdrawn: list[Withdrawn] = []
        self.notes: dict[tuple[str, str], dict[int, str]] = {}
        self.seen: set[str] = set()

    def take(self, sheet: SheetRead) -> Iterator[int]:
        """Join a sheet's rows; say after each batch how many."""
        inputs = InputReader(sheet.columns)
        for batch in sheet.batches():
            self._note(sheet, batch)
            records = self._find(sheet, batch)
            found = batch if all(records) else batch.only(records)
            self._take_found(sheet, found, [record for record in records if record], inputs)
            yield len(batch.numbers)

    def _note(self, sheet: SheetRead, batch: Batch) -> None:
        """Keep what the tool itself has written beside the rows."""
        for field in NOTED:
            cells = batch.column(sheet.columns.get(field))
            if cells.count(None) < len(cells):
                notes = self.notes.setdefault((sheet.title, field), {})
                notes.update(
                    (number, as_text(cell))
                    for number, cell in zip(batch.numbers, cells, strict=True)
                    if cell is not None
                )

    def _find(self, sheet: SheetRead, batch: Batch) -> list[Record | None]:
        by_key = self.index.by_key
        keys = batch.column(sheet.columns.get("key"))
        records = [by_key.get(key) if isinstance(key, str) else None for key in keys]
        if all(records):
            self.seen.update(cast("Sequence[str]", keys))
            return records
        for at, key in enumerate(keys):
            record = records[at]
            if record is None:
                record = records[at] = self._find_otherwise(sheet, batch.row(at), as_text(key).strip())
            if record is not None:
                self.seen.add(record.key)
        return records

    def _take_found(
        self, sheet: SheetRead, batch: Batch, records: Sequence[Record], inputs: InputReader
    ) -> None:
        documents: list[Any] = [self._known_of(record) for record in records]
        all_edited = _edited_cells(sheet, batch, records, documents, self.facts)
        answers = inputs.read([batch.column(sheet.columns.get(field)) for field in INPUT_FIELDS], batch)
        found = zip(batch.numbers, records, documents, answers, strict=True)
        for at, (number, record, document, entered) in enumerate(found):
            place = Place(sheet.title, number)
            if number in all_edited:
                edited = all_edited[number]
                moved = tuple(cell.field for cell in edited if _belongs_elsewhere(cell))
                if moved:
                    shown = _shown_identity(sheet, batch.row(at))
                    self.misplaced.append(Misplaced(record, place, moved, shown))
                    continue
                self.edited.extend(edited)
            decision = self._decision(record, document, place, entered)
            self.decisions.append(decision)
            if self.notes or self.asked:
                self._ask(sheet, decision, *self._mark(place))
            if self.forgets and decision.entered is decision.before:
                record.forget()

    def _mark(self, place: Place) -> tuple[str, str]:
        """Give what a refresh wrote beside a row: the hidden word, and what people read of it by now."""
        word, text = (self.notes.get((place.sheet, field), {}).get(place.row, "") for field in _MARK)
        return word, text

    def _ask(self, sheet: SheetRead, decision: Decision, word: str, text: str) -> None:
        if CHANGE not in sheet.columns:
            word = self.asked.get(decision.record.key, "")
        is_blind = CHANGED not in sheet.columns
        if word in _ASKING and (is_blind or not is_confirmation(text)):
            self.unconfirmed.append(Unconfirmed(decision, text, word == CONFLICT, is_blind))

    def _take_withdrawn(self, sheet: SheetRead, row: RowRead, place: Place, key: str) -> None:
        record = self.index.withdrawn[key]
        state = self.ledger.state(key) if self.ledger else None
        entered = entered_of(row.values, sheet.columns)
        before = (state.entered if state else None) or before_of(record.document)
        _, text = self._mark(place)
        self.withdrawn.append(Withdrawn(record, place, entered, before, text))

    def _decision(self, record: Record, document: Outline, place: Place, entered: Entered) -> Decision:
        state = self.ledger.state(record.key) if self.ledger else None
        before = (state.entered if state else None) or before_of(document)
        if entered == before:
            entered = before
        if state is None:
            return Decision(record, place, entered, before)
        return Decision(record, place, entered, before, state.overlay, state.refused)

    def _find_otherwise(self, sheet: SheetRead, row: RowRead, key: str) -> Record | None:
        place = Place(sheet.title, row.number)
        record = self.index.by_key.get(key)
        if record is not None:
            return record
        if key in self.index.withdrawn:
            self._take_withdrawn(sheet, row, place, key)
            return None
        shown = [as_text(_cell(sheet, row, field)).strip() for field in IDENTITY_FIELDS]
        if not key and all(shown):
            record = self._by_natural_key(sheet, row, shown)
            if record is not None:
                self.by_natural_key.append(place)
                return record
        if key or any(shown) or _has_input(sheet, row):
            self.strangers.append(Stranger(place, " / ".join(filter(None, shown)), key))
        return None

    def _by_natural_key(self, sheet: SheetRead, row: RowRead, shown: Sequence[str]) -> Record | None:
        candidates = self.index.by_identity(sheet.section.key, *shown)
        if len(candidates) > 1:
            candidates = [record for record in candidates if _agrees(record, sheet, row)] or candidates
        unseen = [record for record in candidates if record.key not in self.seen]
        return next(iter(unseen or candidates), None)

    def reading(self, snapshot: Snapshot) -> Reading:
        return Reading(
            decisions=tuple(self.decisions),
            edited=tuple(self.edited),
            misplaced=tuple(self.misplaced),
            strangers=tuple(self.strangers),
            missing=tuple(r for key, r in self.index.by_key.items() if key not in self.seen),
            by_natural_key=tuple(self.by_natural_key),
            read_only=tuple((name, len(records)) for name, records in snapshot.others.items()),
            unconfirmed=tuple(self.unconfirmed),
            withdrawn=tuple(self.withdrawn),
            marks=self._marks(),
            notes=self.notes,
        )

    def _marks(self) -> dict[Place, tuple[str, str]]:
        marked = {
            Place(title, row) for (title, field), rows in self.notes.items() if field in _MARK for row in rows
        }
        return {place: self._mark(place) for place in sorted(marked)}


def _cell(sheet: SheetRead, row: RowRead, field: str) -> CellValue:
    column = sheet.columns.get(field)
    return row.values[column] if column is not None and column < len(row.values) else None


def _edited_cells(
    sheet: SheetRead,
    batch: Batch,
    records: Sequence[Record],
    documents: Sequence[Document],
    facts: Container[str],
) -> dict[int, list[EditedCell]]:
    """Find by row the portal cells that no longer show what the portal said, a column at a time."""
    edited: defaultdict[int, list[EditedCell]] = defaultdict(list)
    for field, column in sheet.columns.items():
        if field not in SHOWN or field not in facts:
            continue
        expected, actual = SHOWN[field].column(documents), batch.column(column)
        for at in differing(expected, actual):
            number = batch.numbers[at]
            place = Place(sheet.title, number)
            edited[number].append(_edited_cell(records[at], place, field, expected[at], actual[at]))
    return edited


def _has_input(sheet: SheetRead, row: RowRead) -> bool:
    return any(as_text(_cell(sheet, row, field)).strip() for field in INPUT_FIELDS)


def _shown_identity(sheet: SheetRead, row: RowRead) -> str:
    return " / ".join(as_text(_cell(sheet, row, field)).strip() or "(blank)" for field in IDENTITY_FIELDS)


def _agrees(record: Record, sheet: SheetRead, row: RowRead) -> bool:
    return all(
        still_shows(SHOWN[field](record.document), _cell(sheet, row, field))
        for field in ("return_period", "source_form", "value", "taxable_value")
        if field in sheet.columns
    )


def _edited_cell(record: Record, place: Place, field: str, expected: Shown, actual: CellValue) -> EditedCell:
    return EditedCell(
        record=record,
        place=place,
        field=field,
        portal=as_text(expected),
        sheet=as_text(actual),
        turned_numeric=isinstance(expected, str)
        and (_same_number(expected, actual) or _same_figures(expected, actual)),
        is_respelled=still_shows(expected, actual),
    )


def _same_number(expected: str, actual: CellValue) -> bool:
    """Tell whether a program turned an identifier into a number of (nearly) the same value (R14)."""
    try:
        wanted = float(expected)
        found = float(actual) if isinstance(actual, (int, float, str)) else None
    except ValueError:
        return False
    # Excel keeps 15 digits at most and shows six of an exponent form such as 1.23457E+15.
    return found is not None and abs(wanted - found) <= abs(wanted) * 1e-5


def _same_figures(expected: str, actual: CellValue) -> bool:
    """Tell whether a program took an identifier such as 03-04 or MAR-26 for a date (R14)."""
    if not isinstance(actual, date) or not _LIKE_A_DATE.fullmatch(expected.strip()):
        return False
    figures = {int(figure) for figure in re.findall(r"\d+", expected)}
    return figures <= {actual.day, actual.month, actual.year, actual.year % 100}


def _belongs_elsewhere(cell: EditedCell) -> bool:
    """Tell whether a changed cell names another document, rather than the same one in another spelling."""
    if (
        cell.field not in IDENTITY_FIELDS
        or cell.turned_numeric
        or cell.is_respelled
        or not cell.sheet.strip()
    ):
        return False
    return cell.sheet.strip().casefold() != cell.portal.strip().casefold()
