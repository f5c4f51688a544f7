"""Conflicts of a merge: listed on a sheet, settled there by a dropdown or in the row, applied at harvest.

What is open is noted on the hidden sheet; the sheet "Conflicts" only asks. So deleting it settles nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import structs

from ims_excel.decisions import Conflict, Decision
from ims_excel.exceptions import WorkbookError
from ims_excel.pipelines.answers import OWN, PIECES, answers_of, cells_of, in_words, what, with_answer
from ims_excel.pipelines.owncolumns import FORMULA, own_columns, writable
from ims_excel.pipelines.recording import heading_cell, input_cell
from ims_excel.team import Dispute, Team, dump_team, load_team
from ims_excel.workbook.cells import column_letters
from ims_excel.workbook.embed import to_cells
from ims_excel.workbook.grid import CONFLICTS_SHEET, DATA_SHEET, TEAM_COLUMN
from ims_excel.workbook.people import read_sheet_of_ours
from ims_excel.workbook.shown import as_text
from ims_excel.workbook.writeback import NewSheet, SheetPatch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ims_excel.decisions import Reading
    from ims_excel.portal.record import Record
    from ims_excel.workbook.celltext import Value
    from ims_excel.workbook.read import Book, SheetRead

_Cells = dict[tuple[int, int], "Value"]

BEFORE = "Before"
IN_THE_ROW = "in the row"
_HEADINGS = ("Keep", "Settled", "No.", "Sheet", "Supplier", "GSTIN", "Number", "Date", "What")
_WIDTHS = (26, 12, 6, 10, 34, 20, 20, 12, 18)
_KEEP, _SETTLED, _NUMBER = 0, 1, 2
_VALUE_WIDTH = 36


def open_team(book: Book) -> Team:
    """Read what split and merge noted in a workbook.

    Raises:
        WorkbookError: it is damaged.
    """
    if book.team_blob is None:
        return Team()
    try:
        return load_team(book.team_blob)
    except ValueError as problem:
        what_now = "Take an earlier copy of the workbook, or merge the copies again."
        damage = "what split and merge noted in this workbook (hidden sheet, column E) is damaged."
        raise WorkbookError(book.path, f"{damage} {what_now} ({problem})") from problem


def team_patch(book: Book, team: Team) -> SheetPatch:
    """Note something for several people on the workbook's hidden sheet, in the place of what was noted."""
    texts = [] if team.is_empty else to_cells(dump_team(team))
    rows = range(1, max(len(texts), book.team_rows) + 1)
    padded = [*texts, *[None] * (len(rows) - len(texts))]
    cells = {(row, TEAM_COLUMN): text for row, text in zip(rows, padded, strict=True)}
    return SheetPatch(DATA_SHEET, dict(cells), clear_filter=False)


def has_conflict_sheet(book: Book) -> bool:
    """Tell whether an earlier merge left its sheet in a workbook."""
    return bool(ConflictsSheet(book).title)


def conflict_sheet(book: Book, disputes: Sequence[Dispute], records: Mapping[str, Record]) -> NewSheet:
    """List conflicts, each with a dropdown of the values' names in its first cell."""
    names = disputes[0].names if disputes else ()
    rows: list[list[Value]] = [[*_HEADINGS, *names]]
    rows += [_listed(dispute, records[dispute.key]) for dispute in disputes]
    first, last = len(_HEADINGS), len(_HEADINGS) + len(names) - 1
    offered = f"${column_letters(first)}$1:${column_letters(last)}$1"
    return NewSheet(
        title=CONFLICTS_SHEET,
        rows=rows,
        widths=(*_WIDTHS, *[_VALUE_WIDTH] * len(names)),
        heading_like=heading_cell(book),
        columns_like=[input_cell(book)],
        choices={_KEEP: offered} if disputes else {},
    )


def _listed(dispute: Dispute, record: Record) -> list[Value]:
    document = record.document
    facts = (record.section.sheet, document.supplier_name or "", document.supplier_gstin)
    words = [in_words(dispute.field, answer) for answer in dispute.values]
    return [
        None,
        None,
        Decimal(dispute.number),
        *facts,
        document.number,
        document.date,
        what(dispute.field),
        *words,
    ]


@dataclass(frozen=True)
class Settlement:
    """What became of the conflicts that a workbook carries.

    Attributes:
        reading: with the settled decisions and the open conflicts.
        patches: what has to be written for it.
        settled: how many conflicts are no longer open.
    """

    reading: Reading
    patches: tuple[SheetPatch, ...] = ()
    settled: int = 0


def settle(book: Book, reading: Reading) -> Settlement:
    """Settle the conflicts for which somebody chose, in Keep or in the row; the others are open."""
    team = open_team(book)
    if not team.disputes:
        return Settlement(reading)
    asked = ConflictsSheet(book)
    by_key: dict[str, list[int]] = defaultdict(list)
    wanted = {dispute.key for dispute in team.disputes}
    for index, decision in enumerate(reading.decisions):
        if decision.record.key in wanted:
            by_key[decision.record.key].append(index)
    work = _Work(book, list(reading.decisions), by_key, asked)
    for dispute in team.disputes:
        work.take(dispute)
    patches = [SheetPatch(title, cells, clear_filter=False) for title, cells in work.cells.items()]
    if len(work.left) < len(team.disputes):
        patches.append(team_patch(book, Team(part=team.part, disputes=tuple(work.left))))
    settled = replace(reading, decisions=tuple(work.decisions), conflicts=tuple(work.open))
    return Settlement(settled, tuple(patches), len(team.disputes) - len(work.left))


class ConflictsSheet:
    """The sheet "Conflicts" as people left it: its title, "" without one, and what they chose."""

    def __init__(self, book: Book) -> None:
        self.title, rows = read_sheet_of_ours(book.path, CONFLICTS_SHEET, _HEADINGS[_KEEP])
        padded = [(row.number, [*map(as_text, row.values), "", "", ""]) for row in rows]
        self.rows = {values[_NUMBER].strip(): (number, values[_KEEP].strip()) for number, values in padded}
        self._headings = {heading: column for column, heading in enumerate(padded[0][1] if padded else ())}

    def keep(self, dispute: Dispute) -> str:
        """Say what stands in Keep, "" for nothing or where the row is gone."""
        return self.rows.get(str(dispute.number), (0, ""))[1]

    def row(self, dispute: Dispute) -> int:
        """Say where a conflict stands on the sheet; 0 where its row is gone."""
        return self.rows.get(str(dispute.number), (0, ""))[0]

    def cells_to_write(self, dispute: Dispute, said: Mapping[str, Value]) -> _Cells:
        """Say which cells of a conflict's row are to be written, given what they are to say by heading."""
        row = self.row(dispute)
        return {(row, self._headings[name]): said[name] for name in said if row and name in self._headings}


@dataclass
class _Work:
    """Conflicts taken one by one."""

    book: Book
    decisions: list[Decision]
    by_key: Mapping[str, list[int]]
    asked: ConflictsSheet
    open: list[Conflict] = field(default_factory=list)
    left: list[Dispute] = field(default_factory=list)
    cells: dict[str, _Cells] = field(default_factory=lambda: defaultdict(dict))

    def take(self, dispute: Dispute) -> None:
        rows = self.by_key.get(dispute.key, [])
        keep = self.asked.keep(dispute)
        chosen = chosen_value(keep, dispute)
        if rows and self._is_settled_in_the_row(dispute, rows):
            self._mark(dispute, IN_THE_ROW)
        elif rows and chosen is not None:
            self._apply(dispute, rows, chosen)
            self._mark(dispute, dispute.names[chosen].partition(":")[0])
        else:
            self.left.append(dispute)
            if rows:
                self.open.append(self._conflict(dispute, self.decisions[rows[0]], keep))

    def _is_settled_in_the_row(self, dispute: Dispute, rows: list[int]) -> bool:
        if dispute.field not in PIECES:
            return False
        said = {answers_of(self.decisions[row].entered)[dispute.field] for row in rows}
        return said != {dispute.base}

    def _apply(self, dispute: Dispute, rows: list[int], chosen: int) -> None:
        if chosen == 0 and dispute.field in PIECES:
            return  # the row says so already
        answer = dispute.values[chosen]
        for row in rows:
            decision = self.decisions[row]
            sheet = next(sheet for sheet in self.book.sheets if sheet.title == decision.place.sheet)
            cells = _cells(sheet, dispute.field, answer)
            self.cells[sheet.title].update({(decision.place.row, c): value for c, value in cells.items()})
            if dispute.field in PIECES:
                entered = with_answer(decision.entered, dispute.field, answer)
                entered = decision.before if entered == decision.before else entered
                self.decisions[row] = structs.replace(decision, entered=entered)

    def _mark(self, dispute: Dispute, text: str) -> None:
        row = self.asked.row(dispute)
        if row:
            self.cells[self.asked.title][row, _SETTLED] = text

    def _conflict(self, dispute: Dispute, decision: Decision, keep: str) -> Conflict:
        said = zip(dispute.names, dispute.values, strict=True)
        return Conflict(
            record=decision.record,
            place=decision.place,
            field=PIECES.get(dispute.field, (dispute.field,))[0],
            what=what(dispute.field),
            values=tuple((name, in_words(dispute.field, answer)) for name, answer in said),
            keep=keep,
            sheet=self.asked.title if self.asked.row(dispute) else "",
            blocks=dispute.field in PIECES,
        )


def _cells(sheet: SheetRead, piece: str, answer: Sequence[str | float | None]) -> dict[int, Value]:
    """Say what to write into which 0-based columns of a sheet."""
    if piece in PIECES:
        texts = cells_of(piece, tuple(answer))
        return {sheet.columns[name]: value for name, value in texts.items() if name in sheet.columns}
    column = own_columns(sheet).get(piece.removeprefix(OWN))
    return {} if column is None or answer[0] == FORMULA.formula else {column: writable(answer[0])}


def chosen_value(keep: str, dispute: Dispute) -> int | None:
    """Find which value Keep names: by its name, its letter, its file, or as the value itself."""
    text = _fold(keep)
    if not text:
        return None
    for index, name in enumerate(dispute.names):
        letter, _, rest = _fold(name).partition(":")
        if text in (_fold(name), letter, rest.strip()) or rest.strip().startswith(f"{text} ("):
            return index
    said = [answer for answer in dispute.values if _fold(in_words(dispute.field, answer)) == text]
    return dispute.values.index(said[0]) if len(set(said)) == 1 else None


def _fold(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split()).casefold()
