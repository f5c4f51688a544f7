"""Finding, in one pass over a sheet, which bytes have to change so that given cells say given things."""

from __future__ import annotations

import re
from bisect import bisect_left
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import islice
from operator import lt
from typing import TYPE_CHECKING, NamedTuple

from ims_excel.workbook.appending import EndOfRows
from ims_excel.workbook.cells import column_index, column_letters
from ims_excel.workbook.celltext import (
    EMPTY,
    Asked,
    Plain,
    Result,
    content,
    read_cell,
    restated,
    usual_place,
)
from ims_excel.workbook.edits import CellEdit, RowEdit, SheetTask
from ims_excel.workbook.elements import ElementScan, element_pattern, number_of
from ims_excel.workbook.grid import LAST_ROW
from ims_excel.workbook.markup import MarkupError, Splice, attributes_in, is_true, parse_open, value_of
from ims_excel.workbook.overwriting import FormulaLog
from ims_excel.workbook.rowstates import RowStates, has_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


_BEYOND = 1 << 31
_ADDRESS = re.compile(r"([A-Za-z]+)\d+")
_NOT_OF_VALUE = {b"t", b"cm", b"vm"}
"""Attributes that speak of the old value: its type, and the metadata of cell and value."""


@lru_cache(maxsize=16_384)
def _column(letters: bytes) -> int:
    return column_index(letters.decode())


class _Row(NamedTuple):
    """A row on the way through: its bytes, the same masked, and its start tag."""

    edit: RowEdit
    data: bytes
    seen: bytes
    tag: re.Match[bytes]

    @property
    def is_closed(self) -> bool:
        """It has no end tag: "<row/>"."""
        return self.tag[2].endswith(b"/")


class SheetSurvey:
    """Goes once through a sheet's part and keeps what would have to change, and nothing of the rest.

    Attributes:
        head: the part up to and with "<sheetData>".
        tail: the part from "</sheetData>" on.
        tail_start: where in the part the tail begins.
        task: what is asked.
        rows: the rows to change.
        states: which rows are hidden or folded.
        formulas: what became of formulas that are overwritten.
        end_of_rows: where new rows come; None where none are asked for.

    Raises:
        MarkupError: when the part is not a sheet, damaged, or not UTF-8.
    """

    def __init__(self, chunks: Iterable[bytes], task: SheetTask) -> None:
        self.rows: list[RowEdit] = []
        self.states = RowStates()
        self.formulas = FormulaLog()
        self.task = task
        self._wanted: dict[int, dict[int, Asked]] = {}
        for (row, column), value in sorted(task.cells.items()):
            self._wanted.setdefault(row, {})[column] = value
        self._missing = iter([*self._wanted, _BEYOND])
        self._next = next(self._missing)
        self._scan = ElementScan(chunks, b"sheetData", b"row")
        self._prefix = self._scan.prefix.decode()
        self._cell = element_pattern(self._scan.prefix, b"c", rb"([A-Z]+)\d+")
        self._cell_end = re.compile(b"</" + re.escape(self._scan.prefix) + rb"c\s*>")
        self._cell_start = b"<" + self._scan.prefix + b"c"
        self._address = re.compile(re.escape(self._cell_start) + rb'(?: r="([A-Z]{1,3})([0-9]+)"(?=[\s/>]))?')
        self._formula_start = b"<" + self._scan.prefix + b"f"
        self.head = self._scan.head
        self.end_of_rows = EndOfRows(self._scan, task.rows) if task.rows else None
        self._survey()
        self.tail = self._scan.tail()
        self.tail_start = self._scan.end

    @property
    def is_empty(self) -> bool:
        """The sheet has no rows and says so by "<sheetData/>"."""
        return self._scan.is_empty

    def edits(self) -> Iterator[CellEdit]:
        """Give the cells to be written, in order."""
        for row in self.rows:
            yield from row.cells

    def _survey(self) -> None:
        last = 0
        for stretch in self._scan.stretches():
            self.formulas.note_stretch(stretch)
            if self.end_of_rows:
                self.end_of_rows.note_stretch(stretch, last)
            numbers = self._plain_numbers(stretch)
            if numbers and numbers[0] > last:
                self._visit_wanted(stretch, numbers)
                last = numbers[-1]
            else:
                last = self._visit_all(stretch, last)
        self._insert_rows(_BEYOND, self._scan.end)

    def _visit_all(self, stretch: bytes, last: int) -> int:
        """Go through all rows of a stretch; give the number of its last row."""
        hide = self.task.hide
        for tag in self._scan.items(stretch):
            number, attributes = number_of(tag, last), tag[2]
            if not last < number <= LAST_ROW:
                raise MarkupError(f"row {number} comes after row {last}")
            last = number
            if has_state(attributes):
                self.states.note(number, tag[0], self._scan.offset(tag))
            if number in hide:
                self.states.hide(number, tag, self._scan.offset(tag))
            if self._concerns(number):
                self._visit(number, tag)
        return last

    def _concerns(self, number: int) -> bool:
        return number >= self._next or self.task.is_whole or bool(self.formulas.orphans)

    def _plain_numbers(self, stretch: bytes) -> list[int]:
        """Number the rows of a stretch of which only those asked for are of interest; [] for any other."""
        if self.task.hide or self.task.is_whole or self.formulas.orphans:
            return []
        references, attributes = self._scan.references(stretch)
        if any(map(has_state, attributes)):
            return []
        numbers = [*map(int, references)]
        is_ascending = all(map(lt, numbers, islice(numbers, 1, None)))
        return numbers if is_ascending and (not numbers or numbers[-1] <= LAST_ROW) else []

    def _visit_wanted(self, stretch: bytes, numbers: list[int]) -> None:
        """Visit the rows that are asked for, and each that stands behind one that is missing."""
        place = position = 0
        while place < len(numbers) and (self.formulas.orphans or self._next <= numbers[-1]):
            if not self.formulas.orphans:
                place = max(place, bisect_left(numbers, self._next))
            tag = self._scan.find(stretch, numbers[place], position)
            self._visit(numbers[place], tag)
            place, position = place + 1, tag.end()

    def _visit(self, number: int, tag: re.Match[bytes]) -> None:
        start = self._scan.offset(tag)
        self._insert_rows(number, start)
        wanted = self._wanted.get(number, {})
        if number == self._next:
            self._next = next(self._missing)
        data, seen = self._scan.text(tag)
        row = _Row(RowEdit(number, start, start + len(data)), data, seen, tag)
        self._edit_cells(row, wanted)
        if row.edit.cells:
            self.rows.append(row.edit)

    def _insert_rows(self, before: int, offset: int) -> None:
        """Make the rows that are asked for, hold something, and are missing up to here."""
        while self._next < before:
            number, self._next = self._next, next(self._missing)
            edit = RowEdit(number, offset, offset)
            for column, value in self._wanted[number].items():
                if isinstance(value, (str, Decimal)):
                    edit.cells.append(self._new_cell(number, column, value, offset, None))
            if edit.cells:
                name = f"{self._prefix}row"
                edit.opening = [Splice(offset, offset, f'<{name} r="{number}">'.encode())]
                edit.closing = [Splice(offset, offset, f"</{name}>".encode())]
                self.rows.append(edit)

    def _edit_cells(self, row: _Row, wanted: Mapping[int, Asked]) -> None:
        """Write into a row what is asked of it, from left to right."""
        columns = self._plain_columns(row)
        if columns is None:
            self._go_through(row, wanted)
        else:
            for column, value in wanted.items():
                self._go_to(row, columns, column, value)
        self._open_row(row)

    def _plain_columns(self, row: _Row) -> list[int] | None:
        """Number the cells of a row that all say where they are, in order, and hold no formula; else None."""
        if self.task.is_whole or self.formulas.orphans or self._formula_start in row.seen:
            return None
        found = self._address.findall(row.seen)
        columns = [_column(letters) for letters, _ in found]
        is_plain = {digits for _, digits in found} <= {b"%d" % row.edit.number}
        return columns if is_plain and all(map(lt, columns, islice(columns, 1, None))) else None

    def _go_to(self, row: _Row, columns: Sequence[int], column: int, value: Asked) -> None:
        """Write a cell, given the columns that the row has."""
        place = bisect_left(columns, column)
        if place == len(columns):
            self._insert(row, column, value, self._end_of(row))
            return
        address = f'{column_letters(columns[place])}{row.edit.number}"'
        start = row.seen.index(self._cell_start + b' r="' + address.encode())
        if columns[place] > column:
            self._insert(row, column, value, row.edit.start + start)
            return
        tag = self._cell.match(row.seen, start)
        if tag is None:
            raise MarkupError(f"the tag of a cell in row {row.edit.number} is not closed")
        self._replace(row, column, value, tag)

    def _go_through(self, row: _Row, wanted: Mapping[int, Asked]) -> None:
        """Go through a row's cells beside those that are asked for, both from left to right."""
        missing = iter([*wanted.items(), (_BEYOND, None)])
        column, value = next(missing)
        here = -1
        for found in self._cell.finditer(row.seen, len(row.tag[0])):
            if column == _BEYOND and not (self.task.is_whole or self.formulas.orphans):
                break
            here, last = _column(found[1]) if found[1] else _cell_column(found[2], here), here
            if here <= last:
                raise MarkupError(f"cell {column_letters(here)}{row.edit.number} is out of order")
            while column < here:
                self._insert(row, column, value, row.edit.start + found.start())
                column, value = next(missing)
            if column == here or self.task.is_whole:
                self._replace(row, here, value if column == here else None, found)
            elif self.formulas.orphans:
                self._bequeath(row, here, found)
            if column == here:
                column, value = next(missing)
        while column < _BEYOND:
            self._insert(row, column, value, self._end_of(row))
            column, value = next(missing)

    def _end_of(self, row: _Row) -> int:
        """Tell where behind the last cell of a row a new one may stand."""
        return row.edit.end if row.is_closed else row.edit.start + row.seen.rfind(b"</")

    def _open_row(self, row: _Row) -> None:
        """Let a row take new cells: ``spans`` must not leave them out, and "<row/>" needs an end tag."""
        edit = row.edit
        inserted = tuple(cell.column for cell in edit.cells if cell.splice.start == cell.splice.end)
        if not inserted:
            return
        spans = attributes_in(row.tag[0]).get(b"spans")
        if spans and not _covers(value_of(spans), inserted):
            edit.opening.append(Splice(edit.start + spans.start(), edit.start + spans.end(), b""))
        if row.is_closed:
            edit.opening.append(Splice(edit.end - 2, edit.end, b">"))
            edit.closing.append(Splice(edit.end, edit.end, f"</{self._prefix}row>".encode()))

    def _insert(self, row: _Row, column: int, value: Asked, offset: int) -> None:
        if isinstance(value, (str, Decimal)):
            style = _row_style(row.tag[2])
            row.edit.cells.append(self._new_cell(row.edit.number, column, value, offset, style))

    def _replace(self, row: _Row, column: int, value: Asked, tag: re.Match[bytes]) -> None:
        start, end = tag.start(), self._cell_stop(tag)
        said = EMPTY if tag[2].endswith(b"/") else read_cell(row.data[start:end])
        if said.shared_index is None and said.is_already(value):
            return
        if isinstance(value, Result):
            splice = Splice(
                row.edit.start + start, row.edit.start + end, restated(row.data[start:end], value)
            )
            row.edit.cells.append(CellEdit(row.edit.number, column, splice, value, said))
            return
        self.formulas.overwrite(said, f"{column_letters(column)}{row.edit.number}")
        kept = _kept(row.data[start:end], tag.end() - start)
        splice = Splice(row.edit.start + start, row.edit.start + end, self._cell_bytes(kept, value))
        row.edit.cells.append(CellEdit(row.edit.number, column, splice, value, said))

    def _bequeath(self, row: _Row, column: int, tag: re.Match[bytes]) -> None:
        cell = row.data[tag.start() : self._cell_stop(tag)]
        if b"shared" not in cell:
            return
        place = f"{column_letters(column)}{row.edit.number}"
        splice = self.formulas.inherit(cell, place, row.edit.start + tag.start())
        if splice:
            row.edit.cells.append(CellEdit(row.edit.number, column, splice, None, EMPTY, is_heir=True))

    def _new_cell(self, row: int, column: int, value: Plain, offset: int, row_style: int | None) -> CellEdit:
        style = self.task.style(row, column)
        style = row_style if style is None else style
        style = self._column_styles.get(column) if style is None else style
        attributes = f' r="{column_letters(column)}{row}"' + (f' s="{style}"' if style else "")
        splice = Splice(offset, offset, self._cell_bytes(attributes, value))
        return CellEdit(row, column, splice, value, EMPTY)

    def _cell_bytes(self, attributes: str, value: Plain) -> bytes:
        kind, inner = content(value, self._prefix)
        opening = f"<{self._prefix}c{attributes}{kind}"
        return (f"{opening}>{inner}</{self._prefix}c>" if inner else f"{opening}/>").encode()

    def _cell_stop(self, tag: re.Match[bytes]) -> int:
        if tag[2].endswith(b"/"):
            return tag.end()
        closing = self._cell_end.search(tag.string, tag.end())
        if closing is None:
            raise MarkupError("a cell is not closed")
        return closing.end()

    @cached_property
    def _column_styles(self) -> dict[int, int]:
        """What ``<cols>`` says of the style of cells that are not there yet."""
        styles = {}
        for node in parse_open(self.head).named("cols", "col"):
            style = int(node.attributes.get("style", "0"))
            last = int(node.attributes.get("max", "0"))
            if style:
                styles.update(dict.fromkeys(range(int(node.attributes.get("min", "1")) - 1, last), style))
        return styles


def _kept(cell: bytes, tag_end: int) -> str:
    """Give the attributes of a cell that do not speak of its value."""
    usual = usual_place(cell)
    if usual is not None:
        return usual.decode()
    attributes = attributes_in(cell[:tag_end])
    return "".join(item[0].decode() for name, item in attributes.items() if name not in _NOT_OF_VALUE)


def _cell_column(attributes: bytes, last: int) -> int:
    found = attributes_in(attributes).get(b"r") if b"r" in attributes else None
    address = _ADDRESS.fullmatch(value_of(found)) if found else None
    return column_index(address[1]) if address else last + 1


def _row_style(attributes: bytes) -> int | None:
    found = attributes_in(attributes) if b"customFormat" in attributes else {}
    if b"s" in found and is_true(value_of(found[b"customFormat"])):
        return int(value_of(found[b"s"]))
    return None


@lru_cache(maxsize=1024)
def _covers(spans: str, columns: tuple[int, ...]) -> bool:
    """Tell whether ``spans`` ("1:25", several with blanks) leaves none of 0-based columns out."""
    reaches = [tuple(map(int, span.split(":"))) for span in spans.split()]
    return all(any(first <= column + 1 <= last for first, last in reaches) for column in columns)
