"""What has to be written into one copy so that it says what all copies together say."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ims_excel.pipelines.answers import OWN, PIECES, answers_of, cells_of, with_answer
from ims_excel.pipelines.owncolumns import FORMULA, beside_columns, writable
from ims_excel.pipelines.questions import NOTE_COLUMNS
from ims_excel.workbook.grid import CHANGED
from ims_excel.workbook.writeback import SheetPatch

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from ims_excel.decisions import Decision, Entered
    from ims_excel.findings import Place
    from ims_excel.merging import Clash, Fields, Merged
    from ims_excel.pipelines.copies import Copy
    from ims_excel.pipelines.questions import RowNotes
    from ims_excel.pipelines.sides import Side
    from ims_excel.workbook.celltext import Value
    from ims_excel.workbook.read import SheetRead


@dataclass(frozen=True)
class Common:
    """What copies of one base say together.

    Attributes:
        base: the workbook as it was.
        sides: the copies.
        start: the one that the merged workbook is made from.
        fields: by record that any copy changed, what the base says.
        merged: what came of merging.
        notes: by record, what the tool's notes beside it are to say, where copies have different ones.
    """

    base: Copy
    sides: Sequence[Side]
    start: Copy
    fields: Mapping[str, Fields]
    merged: Merged
    notes: Mapping[str, RowNotes]

    def wanted(self, key: str, name: str) -> Hashable:
        """Say what a piece of a record is to say."""
        was = self.fields.get(key, self.base.beside.get(key, {})).get(name)
        return self.merged.values.get(key, {}).get(name, was)

    def heading(self, piece: str) -> str:
        """Say how a column of people's own is headed; copies may spell it in another case."""
        known = (self.start.headings, self.base.headings, *(side.headings for side in self.sides))
        return next(headings[piece] for headings in known if piece in headings)

    def has_new_formula(self, key: str, piece: str) -> bool:
        """Tell whether somebody put a formula there in the copy that the merged workbook is made from."""
        return self.start_says(key, piece) is FORMULA and self.base_says(key, piece) is not FORMULA

    def start_says(self, key: str, piece: str) -> Hashable:
        """Say what stands in a column of people's own in the copy that the merged workbook is made from."""
        return self.start.beside.get(key, {}).get(piece)

    def base_says(self, key: str, piece: str) -> Hashable:
        """Say what stood there when the copies were made."""
        return self.base.beside.get(key, {}).get(piece)

    @property
    def disputed(self) -> list[Clash]:
        """The clashes that people have to settle, in the order of the merged workbook's rows."""
        order = {key: number for number, key in enumerate(self.start.rows)}
        clashes = [c for c in self.merged.clashes if not self.has_new_formula(c.key, c.field)]
        return sorted(clashes, key=lambda clash: (order[clash.key], clash.field.startswith(OWN)))


@dataclass(frozen=True)
class Writing:
    """What is to be written.

    Attributes:
        patches: by sheet.
        entered: what rows will say that say something else now.
        added: headings of own columns that come along from other copies.
        columns: by sheet and piece, where people's own columns stand in the merged workbook.
    """

    patches: tuple[SheetPatch, ...]
    entered: Mapping[Place, Entered]
    added: tuple[str, ...]
    columns: Mapping[str, Mapping[str, int]]


def write_common(common: Common) -> Writing:
    """Compare the starting copy with what all copies say together."""
    pen = _Pen(common)
    for key in dict.fromkeys((*common.fields, *common.base.beside, *common.notes)):
        for decision in common.start.rows.get(key, ()):
            pen.write_answers(key, decision)
            pen.write_own(key, decision)
            pen.write_notes(key, decision)
    return Writing(
        tuple(pen.patches()), pen.entered, tuple(dict.fromkeys(h for _, h in pen.added)), pen.columns
    )


@dataclass
class _Pen:
    """Cells collected while going through the records."""

    common: Common
    cells: dict[str, dict[tuple[int, int], Value]] = field(default_factory=dict)
    entered: dict[Place, Entered] = field(default_factory=dict)
    columns: dict[str, dict[str, int]] = field(default_factory=dict)
    """By sheet and piece, the column of people's own."""
    added: dict[tuple[str, str], int] = field(default_factory=dict)
    """By sheet and heading, the column of own columns that come along."""

    def __post_init__(self) -> None:
        self._sheets = {sheet.title: sheet for sheet in self.common.start.book.sheets}
        self.columns = {title: beside_columns(sheet) for title, sheet in self._sheets.items()}
        self.cells = {title: {} for title in self._sheets}
        self._clashing: dict[str, set[str]] = defaultdict(set)
        for clash in self.common.merged.clashes:
            self._clashing[clash.key].add(clash.field)
        self._free: dict[str, int] = {}
        self._shown: dict[str, set[int]] = {}

    def patches(self) -> list[SheetPatch]:
        return [
            SheetPatch(title, cells, clear_filter=True, show_columns=self._shown.get(title, set()))
            for title, cells in self.cells.items()
        ]

    def write_answers(self, key: str, decision: Decision) -> None:
        """Let a row's answers say what is wanted."""
        sheet = self._sheets[decision.place.sheet]
        entered = decision.entered
        said = answers_of(entered)
        for piece in PIECES if key in self.common.fields else ():
            answer = self.common.wanted(key, piece)
            if not isinstance(answer, tuple) or answer == said[piece]:
                continue
            for name, value in cells_of(piece, answer).items():
                if name in sheet.columns:
                    self.cells[sheet.title][decision.place.row, sheet.columns[name]] = value
            entered = with_answer(entered, piece, answer)
        if entered != decision.entered:
            self.entered[decision.place] = entered

    def write_own(self, key: str, decision: Decision) -> None:
        """Let people's own columns say what is wanted; formulas stay as they are."""
        title, row = decision.place
        base, start = self.common.base.beside.get(key, {}), self.common.start.beside.get(key, {})
        changed = self.common.merged.values.get(key, {})
        clashing = self._clashing.get(key, set())
        for piece in sorted({*base, *start, *changed, *clashing} - PIECES.keys()):
            value = self.common.wanted(key, piece)
            if value is FORMULA and piece in clashing:
                value = start.get(piece) if start.get(piece) is FORMULA else None
            is_open = piece in clashing and piece not in self.columns[title]
            if value is FORMULA or self.common.has_new_formula(key, piece):
                continue
            if value != start.get(piece) or is_open:
                self.cells[title][row, self._column(title, piece)] = writable(value)  # type: ignore[arg-type]

    def write_notes(self, key: str, decision: Decision) -> None:
        """Let what the tool wrote beside a row say what is wanted, and see that people can read it."""
        wanted = self.common.notes.get(key)
        if wanted is None:
            return
        title, row = decision.place
        columns, has = self._sheets[title].columns, self.common.start.notes.get(key, {})
        for name in NOTE_COLUMNS:
            text = wanted.get(name, "")
            if name in columns and text != has.get(name, ""):
                self.cells[title][row, columns[name]] = text or None
                if name == CHANGED and text:
                    self._shown.setdefault(title, set()).add(columns[name])

    def _column(self, title: str, piece: str) -> int:
        columns = self.columns[title]
        if piece not in columns:
            sheet = self._sheets[title]
            self._free[title] = (self._free.get(title) or _last_column(sheet)) + 1
            columns[piece] = self._free[title]
            heading = self.common.heading(piece)
            self.added[title, heading] = columns[piece]
            self.cells[title][sheet.heading_row, columns[piece]] = heading
        return columns[piece]


def _last_column(sheet: SheetRead) -> int:
    """Find the last column that says anything."""
    widths = (len(row.values) - 1 for row in sheet.rows)
    return max(*sheet.headings, *sheet.columns.values(), max(widths, default=0))
