"""Copies of one workbook: each read with what its people entered, and what differs from the base."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ims_excel.exceptions import WorkbookError
from ims_excel.pipelines.answers import OWN, PIECES, answers_of
from ims_excel.pipelines.conflicts import open_team, settle
from ims_excel.pipelines.entering import NO_RESULT, before_of
from ims_excel.pipelines.examining import open_ledger, open_snapshot, refuse_without_documents
from ims_excel.pipelines.joining import join
from ims_excel.pipelines.owncolumns import FORMULA, beside_columns, read_beside
from ims_excel.portal.embedding import dump_snapshot
from ims_excel.workbook.cells import address
from ims_excel.workbook.grid import DATA_SHEET, PROPERTY_RECIPIENT, PROPERTY_SNAPSHOT
from ims_excel.workbook.people import last_saved_by
from ims_excel.workbook.read import read_book

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from pathlib import Path

    from ims_excel.decisions import Decision, Entered, Reading
    from ims_excel.ledger import Ledger
    from ims_excel.merging import Fields
    from ims_excel.pipelines.owncolumns import Beside, Headless
    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.team import Team
    from ims_excel.workbook.read import Book
    from ims_excel.workbook.writeback import SheetPatch

_NO_TIME = datetime(2000, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Copy:
    """A workbook that takes part in a merge.

    Attributes:
        book: as it was read, with people's own columns.
        snapshot: the download inside it.
        reading: its rows joined with their records, conflicts of an earlier merge settled.
        rows: by record key, its rows.
        beside: by record key, what stands in people's own columns and in ours that people answer in.
        headless: what stands beside records in columns without a heading.
        team: what split and merge noted in it.
        ledger: what was exported from it.
        author: who saved it last; "" when unknown.
        settled: what has to be written for the conflicts of an earlier merge that people settled.
    """

    book: Book
    snapshot: Snapshot
    reading: Reading
    rows: Mapping[str, Sequence[Decision]]
    beside: Beside
    headless: Headless
    team: Team
    ledger: Ledger
    author: str
    settled: tuple[SheetPatch, ...] = ()

    @property
    def path(self) -> Path:
        """The file."""
        return self.book.path

    def entered(self, key: str) -> Entered | None:
        """Say what a record's row says; None without one."""
        rows = self.rows.get(key)
        return rows[0].entered if rows else None


def open_copy(path: Path, base: Copy | None = None) -> Copy:
    """Read a workbook that takes part in a merge.

    Raises:
        WorkbookError: it is not ours, lost all its sheets of documents, belongs to another recipient or
            download than the base, or its rows cannot be told apart.
    """
    book = read_book(path, every_column=True)
    refuse_without_documents(book)
    snapshot = open_snapshot(book) if base is None else _shared_snapshot(book, base)
    settlement = settle(book, join(book, snapshot))
    reading = settlement.reading
    _refuse_unclear(book, reading)
    rows: dict[str, list[Decision]] = defaultdict(list)
    for decision in reading.decisions:
        rows[decision.record.key].append(decision)
    _refuse_twins(path, rows)
    keys = {decision.place: key for key, decisions in rows.items() for decision in decisions}
    beside, headless = read_beside(book, keys)
    return Copy(
        book=book,
        snapshot=snapshot,
        reading=reading,
        rows=rows,
        beside=beside,
        headless=headless,
        team=open_team(book),
        ledger=open_ledger(book),
        author=last_saved_by(path),
        settled=tuple(patch for patch in settlement.patches if patch.title != DATA_SHEET),
    )


def _shared_snapshot(book: Book, base: Copy) -> Snapshot:
    """Use the base's download for a copy that has the same."""
    theirs, ours = book.properties.get(PROPERTY_RECIPIENT), base.snapshot.recipient
    if theirs and theirs != ours:
        what = f"belongs to GSTIN {theirs}, and {base.path.name} to {ours} (R11)."
        raise WorkbookError(book.path, what)
    noted = book.properties.get(PROPERTY_SNAPSHOT), base.book.properties.get(PROPERTY_SNAPSHOT)
    if book.blob == base.book.blob or (book.blob is None and noted[0] and noted[0] == noted[1]):
        return base.snapshot
    snapshot = open_snapshot(book)
    if snapshot.recipient != ours:
        what = f"holds documents of GSTIN {snapshot.recipient}, and {base.path.name} those of {ours} (R11)."
        raise WorkbookError(book.path, what)
    if _content(snapshot) != _content(base.snapshot):
        raise _other_download(book, snapshot, base)
    return base.snapshot


def _content(snapshot: Snapshot) -> bytes:
    return dump_snapshot(replace(snapshot, sources=(), downloaded_at=_NO_TIME))


def _other_download(book: Book, snapshot: Snapshot, base: Copy) -> WorkbookError:
    """Say which workbook lags behind."""
    mine = (snapshot.downloaded_at, book.path)
    older, newer = sorted([mine, (base.snapshot.downloaded_at, base.path)], key=lambda one: one[0])
    return WorkbookError(
        older[1],
        f"was made from the download of {older[0]:%d-%m-%Y %H:%M}, and {newer[1].name} from that of "
        f"{newer[0]:%d-%m-%Y %H:%M}. Bring the newer download into {older[1].name} first (ims-xl refresh), "
        "so that all have the same documents, then merge.",
    )


def _refuse_unclear(book: Book, reading: Reading) -> None:
    """Refuse rows of which nobody can say whose decision they hold, and conflicts that are still open."""
    if reading.misplaced:
        row = reading.misplaced[0]
        raise WorkbookError(
            book.path,
            f"shows {row.shown or 'no document'}, but its hidden key belongs to {row.record.label}: some "
            "columns were sorted or pasted without the others (R24). Undo that in this copy, then merge.",
            place=f"Sheet {row.place.sheet}, row {row.place.row}",
        )
    if reading.conflicts:
        count = len(reading.conflicts)
        raise WorkbookError(
            book.path,
            f"still has {count:,} unsettled conflict{'s' * (count != 1)} of an earlier merge. Settle them on "
            'the sheet "Conflicts", then merge.',
        )


def _refuse_twins(path: Path, rows: Mapping[str, Sequence[Decision]]) -> None:
    for decisions in rows.values():
        other = next((d for d in decisions if d.entered != decisions[0].entered), None)
        if other is not None:
            first = decisions[0]
            raise WorkbookError(
                path,
                f"says one thing of {first.record.label} in row {first.place.row} and another in row "
                f"{other.place.row} (R27). Make the rows agree, or delete the copy, then merge.",
                place=f"Sheet {other.place.sheet}",
            )


@dataclass(frozen=True)
class Side:
    """What is kept of a copy while the others are read.

    Attributes:
        path: the file.
        author: who saved it last; "" when unknown.
        team: what split and merge noted in it.
        ledger: what was exported from it.
        changed: what it changed since the base, by record.
        untouched: those of these records that say what the portal says.
        keys: the records it has rows of.
        strangers: rows that belong to no record, as they show themselves.
        other_sheets: titles of the sheets that hold no documents.
        headless: what stands beside records in columns without a heading.
        is_whole: it has its hidden sheet.
        formulas: by sheet and heading of people's own columns, how many formulas it has that the base lacks.
    """

    path: Path
    author: str
    team: Team
    ledger: Ledger
    changed: Mapping[str, Fields]
    untouched: frozenset[str]
    keys: frozenset[str]
    strangers: tuple[str, ...]
    other_sheets: tuple[str, ...]
    headless: Headless
    is_whole: bool
    formulas: Mapping[tuple[str, str], int]


def side_of(copy: Copy, base: Copy) -> Side:
    """Compare a copy with the base and keep what merging needs."""
    changed = changed_fields(copy, base)
    rows = ((row.place, row.shown or "no document") for row in copy.reading.strangers)
    return Side(
        path=copy.path,
        author=copy.author,
        team=copy.team,
        ledger=copy.ledger,
        changed=changed,
        untouched=frozenset(key for key in changed if not copy.rows[key][0].is_touched),
        keys=frozenset(copy.rows),
        strangers=tuple(f"{place.sheet} row {place.row}: {shown}" for place, shown in rows),
        other_sheets=copy.book.other_sheets,
        headless=copy.headless,
        is_whole=copy.book.blob is not None,
        formulas=_new_formulas(copy, base),
    )


def _new_formulas(copy: Copy, base: Copy) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for key, said in copy.beside.items():
        was = base.beside.get(key, {})
        for name, value in said.items():
            if value is FORMULA and name.startswith(OWN) and was.get(name) is not FORMULA:
                found[copy.rows[key][0].place.sheet, name.removeprefix(OWN)] += 1
    return found


def base_fields(base: Copy, keys: Sequence[str]) -> dict[str, Fields]:
    """Say what records said when the copies were made; a deleted row said what the portal had."""
    by_key = {r.key: r for records in base.snapshot.sections.values() for r in records}
    fields: dict[str, Fields] = {}
    for key in keys:
        entered = base.entered(key) or before_of(by_key[key].document)
        fields[key] = {**answers_of(entered), **base.beside.get(key, {})}
    return fields


def changed_fields(copy: Copy, base: Copy) -> dict[str, Fields]:
    """Say what a copy changed, by record; a row that somebody deleted changed nothing."""
    changed: dict[str, Fields] = {}
    columns = {sheet.title: beside_columns(sheet) for sheet in copy.book.sheets}
    for key, decisions in copy.rows.items():
        entered, beside = decisions[0].entered, copy.beside.get(key, {})
        was = base.entered(key) or decisions[0].before
        fields: dict[str, Hashable] = {}
        if entered != was:
            before = answers_of(was)
            fields |= {name: said for name, said in answers_of(entered).items() if said != before[name]}
        old = base.beside.get(key, {})
        if beside or old:
            there = columns[decisions[0].place.sheet]
            said = {name: beside.get(name) for name in {**old, **beside} if name in there}
            fields |= {name: v for name, v in said.items() if v != old.get(name) and v is not FORMULA}
        if fields:
            _refuse_uncalculated(copy, decisions[0], fields)
            changed[key] = fields
    return changed


def _refuse_uncalculated(copy: Copy, decision: Decision, fields: Mapping[str, Hashable]) -> None:
    """Refuse a formula that replaced an answer and has no result: nobody knows what it says."""
    for name, text in decision.entered.unreadable:
        if text == NO_RESULT and any(name in PIECES.get(piece, ()) for piece in fields):
            sheet = next(sheet for sheet in copy.book.sheets if sheet.title == decision.place.sheet)
            raise WorkbookError(
                copy.path,
                "holds a formula without a stored result. Open this copy in Excel or LibreOffice, save it, "
                "then merge.",
                place=address(sheet.title, decision.place.row, sheet.columns[name]),
            )


def digest(reading: Reading) -> str:
    """Sum up what everybody has entered, to tell later whether a workbook was worked on since."""
    said = hashlib.sha256()
    for key, answers in sorted((d.record.key, repr(answers_of(d.entered))) for d in reading.decisions):
        said.update(f"{key}\0{answers}\0".encode("utf-8", "surrogatepass"))
    return said.hexdigest()
