"""What has to be written into one copy so that it says what all copies together say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ims_excel.pipelines.answers import OWN, PIECES, answers_of, cells_of, with_answer
from ims_excel.pipelines.owncolumns import FORMULA, TOOL, beside_columns, writable
from ims_excel.workbook.writeback import SheetPatch

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from ims_excel.decisions import Decision, Entered
    from ims_excel.findings import Place
    from ims_excel.merging import Clash, Fields, Merged
    from ims_excel.pipelines.copies import Copy, Side
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
    """

    base: Copy
    sides: Sequence[Side]
    start: Copy
    fields: Mapping[str, Fields]
    merged: Merged

    def wanted(self, key: str, name: str) -> Hashable:
        """Say what a piece of a record is to say."""
        was = self.fields.get(key, self.base.beside.get(key, {})).get(name)
        return self.merged.values.get(key, {}).get(name, was)

    @property
    def disputed(self) -> list[Clash]:
        """The clashes that people have to settle, in the order of the merged workbook's rows."""
        order = {key: number for number, key in enumerate(self.start.rows)}
        clashes = [clash for clash in self.merged.clashes if not clash.field.startswith(TOOL)]
        return sorted(
            clashes, key=lambda clash: (order.get(clash.key, len(order)), clash.field.startswith(OWN))
        )


@dataclass(frozen=True)
class Writing:
    """What is to be written.

    Attributes:
        patches: by sheet.
        entered: what rows will say that say something else now.
        added: headings of own columns that come along from other copies.
    """

    patches: tuple[SheetPatch, ...]
    entered: Mapping[Place, Entered]
    added: tuple[str, ...]


def write_common(common: Common) -> Writing:
    """Compare the starting copy with what all copies say together."""
    pen = _Pen(common)
    for key in common.fields:
        for decision in common.start.rows.get(key, ()):
            pen.write_answers(key, decision)
            pen.write_beside(key, decision)
    pen.fill_added()
    patches = [SheetPatch(title, cells, clear_filter=True) for title, cells in pen.cells.items()]
    return Writing(tuple(patches), pen.entered, tuple(dict.fromkeys(name for _, name in pen.added)))


@dataclass
class _Pen:
    """Cells collected while going through the records."""

    common: Common
    cells: dict[str, dict[tuple[int, int], Value]] = field(default_factory=dict)
    entered: dict[Place, Entered] = field(default_factory=dict)
    added: dict[tuple[str, str], int] = field(default_factory=dict)
    """By sheet and heading, the column of own columns that come along."""

    def __post_init__(self) -> None:
        self._sheets = {sheet.title: sheet for sheet in self.common.start.book.sheets}
        self._columns = {title: beside_columns(sheet) for title, sheet in self._sheets.items()}
        self.cells = {title: {} for title in self._sheets}
        clashes = self.common.merged.clashes
        self._clashes = {(clash.key, clash.field): clash for clash in clashes if clash.field not in PIECES}
        self._free: dict[str, int] = {}

    def write_answers(self, key: str, decision: Decision) -> None:
        """Let a row's answers say what is wanted."""
        sheet = self._sheets[decision.place.sheet]
        entered = decision.entered
        said = answers_of(entered)
        for piece in PIECES:
            answer = self.common.wanted(key, piece)
            if not isinstance(answer, tuple) or answer == said[piece]:
                continue
            for name, value in cells_of(piece, answer).items():
                if name in sheet.columns:
                    self.cells[sheet.title][decision.place.row, sheet.columns[name]] = value
            entered = with_answer(entered, piece, answer)
        if entered != decision.entered:
            self.entered[decision.place] = entered

    def write_beside(self, key: str, decision: Decision) -> None:
        """Let what stands beside a row's answers say what is wanted; disputed cells stay as they are."""
        changed = self.common.merged.values.get(key, {})
        has = self.common.start.beside.get(key, {})
        names = {*changed, *has, *self.common.fields[key]} - PIECES.keys()
        names |= {name for clashing, name in self._clashes if clashing == key and name.startswith(TOOL)}
        for name in sorted(names):
            clash = self._clashes.get((key, name))
            value = self.common.wanted(key, name) if clash is None else _first_change(clash)
            is_known = name in self._columns[decision.place.sheet]
            if value is FORMULA or (clash is not None and name.startswith(OWN)) or value == has.get(name):
                continue
            if is_known or (name in changed and name.startswith(OWN)):
                column = self._column(decision.place.sheet, name)
                self.cells[decision.place.sheet][decision.place.row, column] = writable(value)  # type: ignore[arg-type]

    def fill_added(self) -> None:
        """Give columns that come along their values in all other rows, too."""
        for decision in self.common.start.reading.decisions if self.added else ():
            title, row = decision.place
            for (sheet, heading), column in self.added.items():
                value = self.common.wanted(decision.record.key, OWN + heading)
                if sheet == title and value is not None and value is not FORMULA:
                    self.cells[title][row, column] = writable(value)  # type: ignore[arg-type]

    def _column(self, title: str, name: str) -> int:
        columns = self._columns[title]
        if name not in columns:
            sheet = self._sheets[title]
            columns[name] = self._free[title] = self._free.get(title, _last_column(sheet)) + 1
            heading = name.removeprefix(OWN)
            self.added[title, heading] = columns[name]
            self.cells[title][sheet.heading_row, columns[name]] = heading
        return columns[name]


def _first_change(clash: Clash) -> Hashable:
    return next(side for side in clash.sides if side != clash.base)


def _last_column(sheet: SheetRead) -> int:
    """Find the last column that says anything."""
    widths = (len(row.values) - 1 for row in sheet.rows)
    return max(*sheet.headings, *sheet.columns.values(), max(widths, default=0))
