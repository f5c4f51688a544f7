"""Reading a rewritten workbook and comparing it with the old one, before it takes the old one's place.

Nothing is taken from the writing but the list of what should have changed. Every byte outside these places
must be the same; in them, every cell that was not asked for must be the same, and those asked for must say
what was asked. As each changed row is well-formed by itself and all else is unchanged, so is the whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

from ims_excel.workbook.cells import address, column_index
from ims_excel.workbook.celltext import Result, is_usual, read_cell, usual_place
from ims_excel.workbook.elements import masked
from ims_excel.workbook.markup import MarkupError, attributes_in, growth, parse, value_of
from ims_excel.workbook.package import open_package
from ims_excel.workbook.rawzip import ahead
from ims_excel.workbook.verifyparts import MismatchError, same_frame, same_small_part
from ims_excel.workbook.verifyrows import same_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ims_excel.workbook.appending import Appended
    from ims_excel.workbook.edits import CellEdit, RowEdit
    from ims_excel.workbook.package import Package
    from ims_excel.workbook.plan import Plan, SheetPlan
    from ims_excel.workbook.rowstates import Turned

_RUN_BYTES = 1 << 20
_CELL_START = re.compile(rb"<(?:[\w.-]+:)?c(?=[\s/>])")
_ROW_END = re.compile(rb"</(?:[\w.-]+:)?row\s*>")
_ADDRESS = re.compile(r"([A-Z]+)(\d+)")
_USUAL_ADDRESS = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?=[\s/>])')
_LONGEST_TAG = 1 << 12
"""Bytes of a cell's start tag that are looked at; a longer one gives no address."""
_HIDDEN = re.compile(rb"""(<(?:[\w.-]+:)?row(?:\s[^<>]*?)?)\s+hidden\s*=\s*["'](?:1|true|on)["']""")
_NOT_HIDDEN = re.compile(rb"""(?:\s+hidden\s*=\s*["'](?:0|false|off)["'])?""")
_ROW_MAY_CHANGE = {b"spans", b"hidden"}
_CELL_MAY_CHANGE = {b"t", b"cm", b"vm"}


def verify(old: Package, draft: Path, plan: Plan) -> None:
    """Compare a rewritten workbook with the old one.

    Raises:
        MismatchError: when it differs in anything but what was planned.
        WorkbookError: when it cannot be read.
    """
    sheets = {sheet.part: sheet for sheet in plan.sheets}
    small = plan.parts.changed()
    kept = [name for name in old.names if name not in plan.parts.dropped]
    with open_package(draft) as new:
        if list(new.names) != [*kept, *plan.parts.added]:
            raise MismatchError("the list of parts")
        for name in kept:
            if name in sheets:
                _same_sheet(old, new, sheets[name])
            elif name in small:
                if new.read(name) != small[name]:
                    raise MismatchError(name)
                same_small_part(old, new, name, plan)
            else:
                _same_bytes(old, new, name)
        for name, data in plan.parts.added.items():
            if b"".join(new.open(name)) != data:
                raise MismatchError(name)
            _check_markup(data, name)


def _check_markup(data: bytes, where: str) -> None:
    try:
        expat.ParserCreate().Parse(data, True)
    except expat.ExpatError:
        raise MismatchError(where) from None


def _same_bytes(old: Package, new: Package, name: str) -> None:
    """Compare a copied part as it stands in the zip."""
    was, now = old.info(name), new.info(name)
    if (was.CRC, was.file_size, was.compress_size) != (now.CRC, now.file_size, now.compress_size):
        raise MismatchError(name)
    positions = old.data_offset(was), new.data_offset(now)
    for offset in range(0, was.compress_size, _RUN_BYTES):
        size = min(_RUN_BYTES, was.compress_size - offset)
        if old.bytes_at(positions[0] + offset, size) != new.bytes_at(positions[1] + offset, size):
            raise MismatchError(name)


class _Reader:
    """Gives out a part's bytes in the sizes asked for."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._data = b""
        self._position = 0

    def take(self, size: int) -> bytes:
        """Read ``size`` bytes, fewer only at the end."""
        end = self._position + size
        if end > len(self._data):
            pieces = [self._data[self._position :]]
            left = size - len(pieces[0])
            while left > 0 and (chunk := next(self._chunks, b"")):
                pieces.append(chunk)
                left -= len(chunk)
            self._data, self._position, end = b"".join(pieces), 0, size
        data = self._data[self._position : end]
        self._position = end
        return data


class _Place(NamedTuple):
    """A place of the old part where something changes; without a row edit, a row is shown or hidden."""

    start: int
    end: int
    growth: int
    row: RowEdit | None
    turned: Turned | None = None
    appended: Appended | None = None


def _same_sheet(old: Package, new: Package, sheet: SheetPlan) -> None:
    before, after = _Reader(ahead(old.open(sheet.part))), _Reader(new.open(sheet.part))
    in_head = growth(splice for splice in sheet.frame if splice.start < len(sheet.head))
    heads = before.take(len(sheet.head)), after.take(len(sheet.head) + in_head)
    position = len(sheet.head)
    for place in _places(sheet):
        _same_run(before, after, place.start - position, sheet)
        was = before.take(place.end - place.start)
        now = after.take(len(was) + place.growth)
        if place.row is not None:
            _same_row(was, _unturned(was, now, place, sheet), place.row, sheet.title)
        elif place.turned:
            _only_turned(was, now, place.turned, sheet)
        elif place.appended:
            same_rows(was, now, place.appended, sheet.title)
        position = place.end
    _same_run(before, after, sheet.tail_start - position, sheet)
    in_tail = growth(sheet.frame) - in_head
    tails = before.take(len(sheet.tail) + 1), after.take(len(sheet.tail) + in_tail + 1)
    if len(tails[1]) != len(sheet.tail) + in_tail:
        raise MismatchError(f"sheet {sheet.title}, behind its rows")
    _same_frames(heads, tails, sheet)


def _same_frames(heads: tuple[bytes, bytes], tails: tuple[bytes, bytes], sheet: SheetPlan) -> None:
    if heads[0] != sheet.head or tails[0] != sheet.tail:
        raise MismatchError(f"sheet {sheet.title} was changed meanwhile")
    if heads[0] != heads[1] or tails[0] != tails[1] or sheet.offers is not None:
        same_frame(heads[0] + tails[0], heads[1] + tails[1], sheet)


def _places(sheet: SheetPlan) -> Iterator[_Place]:
    """List the places of change in the order of the part; a row that is both turned and written is one."""
    turned = iter(sheet.turned)
    due = next(turned, None)
    for row in sheet.rows:
        extra, met = 0, None
        while due and due.tag < row.end:
            if due.tag < row.start:
                yield _Place(due.tag, due.splice.end, growth([due.splice]), None, due)
            else:
                extra, met = growth([due.splice]), due
            due = next(turned, None)
        yield _Place(row.start, row.end, growth(row.splices()) + extra, row, met)
    while due:
        yield _Place(due.tag, due.splice.end, growth([due.splice]), None, due)
        due = next(turned, None)
    if sheet.appended:
        splice = sheet.appended.splice
        yield _Place(splice.start, splice.end, growth([splice]), None, None, sheet.appended)


def _same_run(before: _Reader, after: _Reader, size: int, sheet: SheetPlan) -> None:
    while size > 0:
        step = min(size, _RUN_BYTES)
        was = before.take(step)
        if len(was) < step or was != after.take(step):
            raise MismatchError(f"sheet {sheet.title}, outside the rows that change")
        size -= step


def _only_turned(was: bytes, now: bytes, turned: Turned, sheet: SheetPlan) -> None:
    """Check the beginning of a row that is shown or hidden: nothing else has changed in it."""
    hidden, shown = (now, was) if turned.hides else (was, now)
    found = _HIDDEN.fullmatch(hidden)
    if not (found and shown.startswith(found[1]) and _NOT_HIDDEN.fullmatch(shown, len(found[1]))):
        raise MismatchError(f"sheet {sheet.title}, whether row {turned.number} is hidden")


def _unturned(was: bytes, now: bytes, place: _Place, sheet: SheetPlan) -> bytes:
    """Check what shows or hides a changed row, and give the row without that."""
    turned = place.turned
    if turned is None or (place.row and place.row.opening):
        return now
    cut = turned.splice.end - place.start
    grown = cut + growth([turned.splice])
    _only_turned(was[:cut], now[:grown], turned, sheet)
    return was[:cut] + now[grown:]


def _same_row(was: bytes, now: bytes, edit: RowEdit, title: str) -> None:
    """Compare a changed row cell by cell: in place where that is plain, else by address."""
    if not _is_replaced_in_place(was, now, edit):
        _same_by_address(was, now, edit, title)


def _is_replaced_in_place(was: bytes, now: bytes, edit: RowEdit) -> bool:
    """Tell whether nothing differs but whole cells that say what was asked at the address they give.

    A cell may also have come in, where it is between its neighbours.
    """
    old = new = 0
    last = -1
    starts: list[int] | None = None
    for cell in edit.cells:
        start, end = cell.splice.start - edit.start, cell.splice.end - edit.start
        stop = new + start - old
        before, after = was[start:end], now[stop : stop + len(cell.splice.text)]
        if not before and starts is None:
            starts = [found.start() for found in _CELL_START.finditer(was)]
        is_ours = (
            was[old:start] == now[new:stop]
            and (before != b"" or (last < cell.column and _fits(was, starts or [], start, cell)))
            and _address_of(after) == (cell.column, cell.row)
            and _is_as_asked(before, after, cell)
            and (before == b"" or _is_one_element(before))
        )
        if not is_ours:
            return False
        old, new, last = end, stop + len(after), cell.column
    return was[old:] == now[new:]


def _fits(row: bytes, starts: Sequence[int], offset: int, cell: CellEdit) -> bool:
    """Tell whether a cell comes in between the row's own cells, as their addresses say."""
    place = bisect_left(starts, offset)
    is_between = offset in starts[place : place + 1] or _ROW_END.fullmatch(row, offset) is not None
    if b"<!" in row or not is_between:
        return False
    before = [_address_of(row[start : start + _LONGEST_TAG]) for start in starts[:place][-1:]]
    after = [_address_of(row[start : start + _LONGEST_TAG]) for start in starts[place:][:1]]
    return all(found and found[1] == cell.row and found[0] < cell.column for found in before) and all(
        found and found[1] == cell.row and found[0] > cell.column for found in after
    )


def _is_one_element(data: bytes) -> bool:
    return data.count(b"<") == 1 or is_usual(data) or len(parse(b"<x>" + data + b"</x>").children) == 1


def _address_of(cell: bytes) -> tuple[int, int] | None:
    """Read the address a cell gives, as 0-based column and row."""
    usual = _USUAL_ADDRESS.match(cell)
    if usual:
        return column_index(usual[1].decode()), int(usual[2])
    found = attributes_in(cell[: cell.find(b">") + 1]).get(b"r")
    place = _ADDRESS.fullmatch(value_of(found)) if found else None
    return (column_index(place[1]), int(place[2])) if place else None


def _same_by_address(was: bytes, now: bytes, edit: RowEdit, title: str) -> None:
    where = f"{title}, row {edit.number}"
    try:
        expat.ParserCreate().Parse(now, True)
    except expat.ExpatError:
        raise MismatchError(where) from None
    old_tag, old_cells = _cells_in(was, edit.number)
    new_tag, new_cells = _cells_in(now, edit.number)
    new_attributes = _attributes(new_tag, _ROW_MAY_CHANGE)
    old_attributes = _attributes(old_tag, _ROW_MAY_CHANGE) if was else {b"r": str(edit.number)}
    if new_attributes != old_attributes or int(new_attributes.get(b"r", edit.number)) != edit.number:
        raise MismatchError(where)
    edits = {cell.column: cell for cell in edit.cells}
    if new_cells.keys() != old_cells.keys() | edits.keys() or list(new_cells) != sorted(new_cells):
        raise MismatchError(where)
    for column, data in new_cells.items():
        before = old_cells.get(column, b"")
        if not (_is_as_asked(before, data, edits[column]) if column in edits else data == before):
            raise MismatchError(address(title, edit.number, column))


def _cells_in(row: bytes, number: int) -> tuple[bytes, dict[int, bytes]]:
    """Cut a row into its start tag and its cells, by 0-based column."""
    seen = masked(row)
    starts = [found.start() for found in _CELL_START.finditer(seen)]
    end = max(seen.rfind(b"</"), 0) or len(row)
    cells: dict[int, bytes] = {}
    column = -1
    for start, stop in zip(starts, [*starts[1:], end], strict=False):
        place = _address_of(seen[start:stop]) or (column + 1, number)
        column = place[0]
        if column in cells or place[1] != number:
            raise MismatchError(f"row {number}")
        cells[column] = row[start:stop]
    return row[: starts[0]] if starts else row, cells


def _is_as_asked(before: bytes, now: bytes, edit: CellEdit) -> bool:
    """Check a written cell: it says what was asked and kept its address and style."""
    try:
        said = read_cell(now)
        if edit.is_heir:
            was = read_cell(before)
            is_whole = said.formula is not None and bool(said.formula.text)
            return is_whole and (was.kind, was.text) == (said.kind, said.text)
        if isinstance(edit.value, Result):
            is_same = _without_result(before) == _without_result(now)
            return is_same and said.formula is not None and said.is_already(edit.value)
    except MarkupError:
        return False
    return said.formula is None and said.is_already(edit.value) and (not before or _is_alike(before, now))


def _is_alike(before: bytes, now: bytes) -> bool:
    """Tell whether a written cell has kept all attributes that do not speak of its value."""
    place = usual_place(before)
    if place is not None and place == usual_place(now):
        return True
    return _attributes(before, _CELL_MAY_CHANGE) == _attributes(now, _CELL_MAY_CHANGE)


def _without_result(cell: bytes) -> tuple[bytes, dict[bytes, str]]:
    """Give what a cell with a formula holds besides its result: its content and its attributes."""
    node = parse(cell)
    stored = node.first("v")
    cut = (stored.start, stored.end) if stored else (node.inner_end, node.inner_end)
    return cell[node.inner : cut[0]] + cell[cut[1] : node.inner_end], _attributes(cell, {b"t"})


def _attributes(element: bytes, but: set[bytes]) -> dict[bytes, str]:
    """Read the attributes of an element's start tag."""
    found = attributes_in(element[: element.index(b">") + 1])
    return {name: value_of(attribute) for name, attribute in found.items() if name not in but}
