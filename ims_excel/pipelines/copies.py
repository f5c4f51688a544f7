"""Copies of one workbook: each read with what its people entered."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ims_excel.decisions import Decision
from ims_excel.exceptions import WorkbookError
from ims_excel.pipelines.answers import answers_of
from ims_excel.pipelines.conflicts import open_team, settle
from ims_excel.pipelines.examining import open_ledger, open_snapshot, refuse_without_documents
from ims_excel.pipelines.joining import join, withdrawn_key
from ims_excel.pipelines.owncolumns import kept, read_own
from ims_excel.pipelines.questions import NOTE_COLUMNS, mark_in
from ims_excel.portal.embedding import dump_snapshot
from ims_excel.workbook.grid import DATA_SHEET, PROPERTY_RECIPIENT, PROPERTY_SNAPSHOT
from ims_excel.workbook.people import last_saved_by
from ims_excel.workbook.read import read_book

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ims_excel.decisions import Entered, Reading
    from ims_excel.findings import Place
    from ims_excel.ledger import Ledger
    from ims_excel.pipelines.conflicts import Settlement
    from ims_excel.pipelines.owncolumns import Loose, OwnCells
    from ims_excel.pipelines.questions import RowNotes
    from ims_excel.portal.snapshot import Snapshot
    from ims_excel.team import Team
    from ims_excel.workbook.cells import CellValue
    from ims_excel.workbook.read import Book
    from ims_excel.workbook.writeback import SheetPatch

_NO_TIME = datetime(2000, 1, 1, tzinfo=timezone.utc)
_NO_LOSS = "go back to an earlier copy of it, or build it again from the same download."


@dataclass(frozen=True)
class Copy:
    """A workbook that takes part in a merge.

    Attributes:
        book: as it was read, with people's own columns.
        snapshot: the download inside it.
        reading: its rows joined with their records, conflicts of an earlier merge settled.
        rows: by record key, its rows; those of documents that left the IMS too.
        beside: by record key, what stands in people's own columns.
        headings: of these columns, by piece.
        loose: what stands beside the records and is not merged.
        notes: by record key, what the tool wrote beside its row.
        team: what split and merge noted in it.
        ledger: what was exported from it.
        author: who saved it last; "" when unknown.
        settled: what has to be written for the conflicts of an earlier merge that people settled.
    """

    book: Book
    snapshot: Snapshot
    reading: Reading
    rows: Mapping[str, Sequence[Decision]]
    beside: Mapping[str, Mapping[str, CellValue]]
    headings: Mapping[str, str]
    loose: Loose
    notes: Mapping[str, RowNotes]
    team: Team
    ledger: Ledger
    author: str
    settled: tuple[SheetPatch, ...] = ()

    @property
    def path(self) -> Path:
        """The file."""
        return self.book.path

    @property
    def documents(self) -> int:
        """How many documents its download has."""
        return sum(len(records) for records in self.snapshot.sections.values())

    def entered(self, key: str) -> Entered | None:
        """Say what a record's row says; None without one."""
        rows = self.rows.get(key)
        return rows[0].entered if rows else None


def ending_of(path: Path) -> str:
    """Say how a workbook made from another must be called: Excel opens none whose name and content differ."""
    return ".xlsm" if path.suffix.casefold() == ".xlsm" else ".xlsx"


def told_apart(paths: Sequence[Path]) -> dict[Path, str]:
    """Call files by their names, and those of one name by so many folders, too, as tell them apart."""
    parts = {path: path.absolute().parts for path in paths}
    names = {}
    for path, own in parts.items():
        others = [other for one, other in parts.items() if one != path]
        sizes = (n for n in range(1, len(own)) if all(own[-n:] != other[-n:] for other in others))
        names[path] = "/".join(own[-next(sizes, len(own)) :])
    return names


def open_copy(path: Path, base: Copy | None = None) -> Copy:
    """Read a workbook that takes part in a merge.

    Raises:
        WorkbookError: it is not ours, lost all its sheets of documents, belongs to another recipient or
            download than the base, or its rows cannot be told apart.
    """
    book = read_book(path, every_column=True)
    refuse_without_documents(book)
    snapshot = open_snapshot(book, _NO_LOSS) if base is None else _shared_snapshot(book, base)
    reading = join(book, snapshot)
    keys = {row.place: key for key, row in _keyed(reading)}
    own = read_own(book, keys, {row.place for row in reading.strangers})
    settlement = settle(book, reading, own.beside)
    _refuse_unclear(book, settlement.reading)
    rows: dict[str, list[Decision]] = defaultdict(list)
    for key, row in _keyed(settlement.reading):
        rows[key].append(row)
    _refuse_twins(path, rows)
    return Copy(
        book=book,
        snapshot=snapshot,
        reading=settlement.reading,
        rows=rows,
        beside=_chosen(own, settlement),
        headings=own.headings,
        loose=own.loose,
        notes=_notes(reading, keys),
        team=open_team(book),
        ledger=open_ledger(book),
        author=last_saved_by(path),
        settled=tuple(patch for patch in settlement.patches if patch.title != DATA_SHEET),
    )


def _keyed(reading: Reading) -> Iterator[tuple[str, Decision]]:
    """Give the rows of a workbook with their keys, those of documents that left the IMS as decisions, too."""
    for decision in reading.decisions:
        yield decision.record.key, decision
    for row in reading.withdrawn:
        yield withdrawn_key(row.record), Decision(row.record, row.place, row.entered, row.before)


def _chosen(own: OwnCells, settlement: Settlement) -> Mapping[str, Mapping[str, CellValue]]:
    """Put what people chose among conflicts in the place of what the cells say."""
    beside = {**own.beside}
    for (key, piece), value in settlement.own.items():
        beside[key] = {**beside.get(key, {}), piece: value}
    return beside


def _notes(reading: Reading, keys: Mapping[Place, str]) -> dict[str, dict[str, str]]:
    """Sort by record what the tool wrote beside the rows."""
    notes: dict[str, dict[str, str]] = defaultdict(dict)
    for (title, name), texts in reading.notes.items():
        for row, text in texts.items() if name in NOTE_COLUMNS else ():
            key = keys.get((title, row))  # type: ignore[call-overload]
            if key is not None and text:
                notes[key][name] = text
    return dict(notes)


def _shared_snapshot(book: Book, base: Copy) -> Snapshot:
    """Use the base's download for a copy that has the same."""
    theirs, ours = book.properties.get(PROPERTY_RECIPIENT), base.snapshot.recipient
    if theirs and theirs != ours:
        what = f"belongs to GSTIN {theirs}, and {base.path.name} to {ours} (R11)."
        raise WorkbookError(book.path, what)
    noted = book.properties.get(PROPERTY_SNAPSHOT), base.book.properties.get(PROPERTY_SNAPSHOT)
    if book.blob == base.book.blob or (book.blob is None and noted[0] and noted[0] == noted[1]):
        return base.snapshot
    snapshot = open_snapshot(book, _NO_LOSS)
    if snapshot.recipient != ours:
        what = f"holds documents of GSTIN {snapshot.recipient}, and {base.path.name} those of {ours} (R11)."
        raise WorkbookError(book.path, what)
    if _content(snapshot) != _content(base.snapshot):
        raise _other_download(book, snapshot, base)
    return replace(base.snapshot, withdrawn=snapshot.withdrawn)


def _content(snapshot: Snapshot) -> bytes:
    """Give what tells a download from another, whatever earlier ones the workbook went through."""
    return dump_snapshot(replace(snapshot, sources=(), downloaded_at=_NO_TIME, withdrawn={}))


def _other_download(book: Book, snapshot: Snapshot, base: Copy) -> WorkbookError:
    """Say which workbook lags behind, and how it gets on."""
    mine = (snapshot.downloaded_at, book.path, open_team(book).part)
    (then, older, part), (later, newer, _) = sorted(
        [mine, (base.snapshot.downloaded_at, base.path, base.team.part)], key=lambda one: one[0]
    )
    what = (
        f"was made from the download of {then:%d-%m-%Y %H:%M:%S}, and {newer.name} from that of "
        f"{later:%d-%m-%Y %H:%M:%S}."
    )
    if part is None:
        how = (
            f"Bring the newer download into {older.name} first (ims-xl refresh), so that all have the same "
            "documents, then merge."
        )
    else:
        how = (
            "Merge the parts with the workbook as it was when it was split, or one built again from the "
            "older download, and refresh the merged one."
        )
    return WorkbookError(older, f"{what} {how}")


def _refuse_unclear(book: Book, reading: Reading) -> None:
    """Refuse rows of which nobody can say whose decision they hold, and conflicts that are still open."""
    if reading.misplaced:
        row = reading.misplaced[0]
        raise WorkbookError(
            book.path,
            f"shows {row.shown or 'no document'}, but its hidden key belongs to {row.record.label}: some "
            "columns were sorted or pasted without the others (R24). Undo that in this workbook first.",
            place=f"Sheet {row.place.sheet}, row {row.place.row}",
        )
    if reading.conflicts:
        count = len(reading.conflicts)
        it = "it" if count == 1 else "them"
        title = next((conflict.sheet for conflict in reading.conflicts if conflict.sheet), "")
        where = f'on the sheet "{title}"' if title else f"in {'its row' if count == 1 else 'their rows'}"
        raise WorkbookError(
            book.path,
            f"still has {count:,} unsettled conflict{'s' * (count != 1)} of an earlier merge. Settle {it} "
            f"{where} first; ims-xl validate says which {'it is' if count == 1 else 'they are'}.",
        )


def _refuse_twins(path: Path, rows: Mapping[str, Sequence[Decision]]) -> None:
    for decisions in rows.values():
        other = next((d for d in decisions if d.entered != decisions[0].entered), None)
        if other is not None:
            first = decisions[0]
            raise WorkbookError(
                path,
                f"says one thing of {first.record.label} in row {first.place.row} and another in row "
                f"{other.place.row} (R27). Make the rows agree, or delete one of them, first.",
                place=f"Sheet {other.place.sheet}",
            )


def digest(copy: Copy) -> str:
    """Sum up what everybody has entered, to tell later whether a workbook was worked on since."""
    said = hashlib.sha256()
    for key in sorted({*copy.rows, *copy.beside}):
        rows, beside = copy.rows.get(key), copy.beside.get(key, {})
        own = sorted((piece, _lasting(value)) for piece, value in beside.items())
        answers = answers_of(rows[0].entered) if rows else {}
        text = mark_in(copy.notes.get(key, {})).text
        said.update(f"{key}\0{answers}\0{own}\0{text}\0".encode("utf-8", "surrogatepass"))
    return said.hexdigest()


def _lasting(value: CellValue) -> str:
    """Put a value in a form that saving the workbook again does not change."""
    said = kept(value)
    return f"{said:.12g}" if isinstance(said, float) else str(said or "")
