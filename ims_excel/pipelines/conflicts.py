"""Conflicts of a merge: what is open, and what settles it, a choice on the sheet or a change of the row.

What is open is noted on the hidden sheet; the sheet "Conflicts" only asks. So deleting it settles nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from msgspec import structs

from ims_excel.decisions import Conflict, Decision, Unconfirmed
from ims_excel.exceptions import WorkbookError
from ims_excel.pipelines.answers import OWN, PIECES, answers_of, cells_of, in_words, what, with_answer
from ims_excel.pipelines.conflictsheet import IN_THE_ROW, SETTLED, ConflictsSheet, choice_of
from ims_excel.pipelines.owncolumns import FORMULA, beside_columns, kept, own_piece, read_own, writable
from ims_excel.team import Dispute, Team, dump_team, load_team
from ims_excel.workbook.embed import to_cells
from ims_excel.workbook.grid import DATA_SHEET, TEAM_COLUMN
from ims_excel.workbook.read import read_book
from ims_excel.workbook.writeback import SheetPatch

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ims_excel.decisions import Reading
    from ims_excel.pipelines.owncolumns import Beside
    from ims_excel.team import Scalar
    from ims_excel.workbook.celltext import Value
    from ims_excel.workbook.read import Book

_Cells = dict[tuple[int, int], "Value"]

_BY_HAND = "What was there before is a formula, which only you can put back: enter it in the cell."


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


@dataclass(frozen=True)
class Settlement:
    """What became of the conflicts that a workbook carries.

    Attributes:
        reading: with the settled decisions and the open conflicts.
        patches: what has to be written for it.
        settled: how many conflicts are no longer open.
        own: by record key and piece, what was chosen for columns of people's own.
        team: what is noted for several people from now on.
    """

    reading: Reading
    patches: tuple[SheetPatch, ...] = ()
    settled: int = 0
    own: Mapping[tuple[str, str], Scalar] = field(default_factory=dict)
    team: Team = field(default_factory=Team)


def settle(book: Book, reading: Reading, beside: Beside | None = None) -> Settlement:
    """Settle the conflicts for which somebody chose, in Keep or in the row; the others are open.

    Args:
        book: the workbook.
        reading: its rows.
        beside: what stands in people's own columns; by default it is read where it is needed.
    """
    team = open_team(book)
    if not team.disputes:
        return Settlement(reading, team=team)
    by_key: dict[str, list[int]] = defaultdict(list)
    wanted = {dispute.key for dispute in team.disputes}
    for index, decision in enumerate(reading.decisions):
        if decision.record.key in wanted:
            by_key[decision.record.key].append(index)
    if beside is None:
        own = {dispute.key for dispute in team.disputes if dispute.field not in PIECES}
        beside = _read_beside(book, reading, own) if own else {}
    work = _Work(book, list(reading.decisions), by_key, ConflictsSheet(book), beside)
    for dispute in team.disputes:
        work.take(dispute)
    patches = [SheetPatch(title, cells, clear_filter=False) for title, cells in work.cells.items()]
    still = Team(part=team.part, disputes=tuple(work.left))
    if still != team:
        patches.append(team_patch(book, still))
    settled = replace(
        reading,
        decisions=tuple(work.decisions),
        conflicts=tuple(work.open),
        unconfirmed=tuple(_still_asked(reading, work.decisions)),
    )
    count = len(team.disputes) - len(work.left)
    return Settlement(settled, tuple(patches), count, work.own, still)


def _still_asked(reading: Reading, decisions: Iterable[Decision]) -> Iterator[Unconfirmed]:
    """Ask of what rows say by now, not of what they said before a conflict was settled."""
    by_place = {decision.place: decision for decision in decisions} if reading.unconfirmed else {}
    for row in reading.unconfirmed:
        yield replace(row, decision=by_place[row.decision.place])


def _read_beside(book: Book, reading: Reading, wanted: Collection[str]) -> Beside:
    """Read people's own columns of some records; the workbook was read without them."""
    keys = {d.place: d.record.key for d in reading.decisions if d.record.key in wanted}
    others = {decision.place for decision in reading.decisions if decision.place not in keys}
    return read_own(read_book(book.path, every_column=True), keys, others).beside


@dataclass
class _Work:
    """Conflicts taken one by one."""

    book: Book
    decisions: list[Decision]
    by_key: Mapping[str, list[int]]
    asked: ConflictsSheet
    beside: Beside
    open: list[Conflict] = field(default_factory=list)
    left: list[Dispute] = field(default_factory=list)
    cells: dict[str, _Cells] = field(default_factory=lambda: defaultdict(dict))
    own: dict[tuple[str, str], Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._columns = {
            sheet.title: {**beside_columns(sheet), **sheet.columns} for sheet in self.book.sheets
        }

    def take(self, dispute: Dispute) -> None:
        rows = self.by_key.get(dispute.key, [])
        if not rows:
            self.left.append(dispute)
        elif self._is_settled_in_the_row(dispute, rows):
            self._mark(dispute, IN_THE_ROW)
        else:
            self._choose(dispute, rows)

    def _choose(self, dispute: Dispute, rows: list[int]) -> None:
        chosen, snag = choice_of(self.asked.keeps(dispute), dispute)
        snag = snag or ("" if chosen is None else self._obstacle(dispute, rows, chosen))
        if chosen is None or snag:
            self.left.append(dispute)
            self.open.append(self._conflict(dispute, self.decisions[rows[0]], snag))
            return
        if chosen:  # the first value is what the row says already
            self._apply(dispute, rows, dispute.values[chosen])
        self._mark(dispute, dispute.names[chosen].partition(":")[0])

    def _is_settled_in_the_row(self, dispute: Dispute, rows: list[int]) -> bool:
        if dispute.field in PIECES:
            said = {answers_of(self.decisions[row].entered)[dispute.field] for row in rows}
            return said != {dispute.base}
        if self._column(dispute, rows) is None:
            return False
        now, before = self._own_value(dispute), dispute.base[0]
        if before == FORMULA.formula:
            return now not in (None, FORMULA.formula)
        return not _is_same(now, before)

    def _column(self, dispute: Dispute, rows: list[int]) -> int | None:
        """Find the column of people's own that a conflict is about; None where it has another heading now."""
        return self._columns[self.decisions[rows[0]].place.sheet].get(_field(dispute))

    def _own_value(self, dispute: Dispute) -> Scalar:
        return kept(self.beside.get(dispute.key, {}).get(_field(dispute)))

    def _obstacle(self, dispute: Dispute, rows: list[int], chosen: int) -> str:
        """Say why a choice cannot be written; "" where it can."""
        if dispute.field in PIECES:
            return ""
        if self._column(dispute, rows) is None:
            sheet = self.decisions[rows[0]].place.sheet
            return (
                f"No column of {sheet} is headed “{what(dispute.field)}” any more: put that heading over its "
                "column, or over a new one."
            )
        is_formula = dispute.values[chosen][0] == FORMULA.formula
        return _BY_HAND if is_formula and self._own_value(dispute) != FORMULA.formula else ""

    def _apply(self, dispute: Dispute, rows: list[int], answer: tuple[Scalar, ...]) -> None:
        if answer == (FORMULA.formula,):
            return  # it stands in the cell, or else the choice was refused
        for row in rows:
            decision = self.decisions[row]
            columns = self._columns[decision.place.sheet]
            cells = {columns[n]: value for n, value in _said(dispute, answer).items() if n in columns}
            self.cells[decision.place.sheet] |= {(decision.place.row, c): v for c, v in cells.items()}
            if dispute.field in PIECES:
                entered = with_answer(decision.entered, dispute.field, answer)
                entered = decision.before if entered == decision.before else entered
                self.decisions[row] = structs.replace(decision, entered=entered)
        if dispute.field not in PIECES:
            self.own[dispute.key, _field(dispute)] = answer[0]

    def _mark(self, dispute: Dispute, text: str) -> None:
        if self.asked.title:
            self.cells[self.asked.title] |= self.asked.cells_to_write(dispute, {SETTLED: text})

    def _conflict(self, dispute: Dispute, decision: Decision, snag: str) -> Conflict:
        said = zip(dispute.names, dispute.values, strict=True)
        return Conflict(
            record=decision.record,
            place=decision.place,
            field=_field(dispute),
            what=what(dispute.field),
            values=tuple((name, in_words(dispute.field, answer)) for name, answer in said),
            snag=snag,
            sheet=self.asked.title if self.asked.lists(dispute) else "",
            blocks=dispute.field in PIECES,
        )


def _field(dispute: Dispute) -> str:
    """Name the column that a conflict is about, the first one of an answer."""
    return PIECES.get(dispute.field, (own_piece(dispute.field.removeprefix(OWN)),))[0]


def _said(dispute: Dispute, answer: tuple[Scalar, ...]) -> dict[str, Value]:
    """Say what to write into the columns of a piece."""
    if dispute.field in PIECES:
        return cells_of(dispute.field, answer)
    return {_field(dispute): writable(answer[0])}


def _is_same(one: Scalar, other: Scalar) -> bool:
    """Compare what was kept of a cell; saving a workbook changes the last digits of a number."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12)
    return (one or None) == (other or None)
