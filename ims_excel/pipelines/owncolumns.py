"""Columns of people's own beside ours: found by their headings, read by record, merged like decisions."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from ims_excel.findings import Place
from ims_excel.pipelines.answers import OWN
from ims_excel.workbook.cells import CellError, Uncalculated, column_letters
from ims_excel.workbook.people import formula_cells
from ims_excel.workbook.shown import as_text

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from ims_excel.team import Scalar
    from ims_excel.workbook.cells import CellValue
    from ims_excel.workbook.celltext import Value
    from ims_excel.workbook.read import Book, SheetRead

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a spreadsheet's clock has no zone

Beside = dict[str, dict[str, "CellValue"]]
"""By record key and piece, what stands in people's own columns; blank cells are left out."""

FORMULA = Uncalculated("(formula)")
"""What a cell with a formula says: its result follows from other cells, so nobody entered it."""


class LooseCell(NamedTuple):
    """A cell that belongs to no record, or to no column with a heading of its own.

    Attributes:
        where: what such cells have in common, in words behind their number.
        owner: the key of its record; "" without one.
        value: what it says.
        cell: its address, where ``where`` does not tell.
    """

    where: str
    owner: str
    value: CellValue
    cell: str = ""


Loose = dict[str, list[LooseCell]]
"""By title of the sheet."""


class OwnCells(NamedTuple):
    """What people entered beside our columns.

    Attributes:
        beside: by record.
        headings: by piece, the heading it stands under.
        loose: what is not merged.
    """

    beside: Beside
    headings: Mapping[str, str]
    loose: Loose


def own_piece(heading: str) -> str:
    """Name the piece that stands under a heading; case and spaces do not count."""
    return OWN + " ".join(heading.split()).casefold()


def own_columns(sheet: SheetRead) -> dict[str, int]:
    """Find people's own columns by heading; of several with one heading, the later ones get a number."""
    ours = {*sheet.columns.values(), *doubled_columns(sheet)}
    own = {c: " ".join(text.split()) for c, text in sorted(sheet.headings.items()) if c not in ours}
    taken = {own_piece(heading) for heading in own.values()}
    found: dict[str, int] = {}
    seen: set[str] = set()
    for column, heading in own.items():
        name = heading
        if own_piece(name) in seen:
            numbered = (f"{heading} ({number})" for number in count(2))
            name = next(one for one in numbered if own_piece(one) not in taken)
            taken.add(own_piece(name))
        seen.add(own_piece(name))
        found[name] = column
    return found


def doubled_columns(sheet: SheetRead) -> set[int]:
    """Find further columns under the heading of one of ours: what stands there is no answer."""
    places = {*sheet.columns.values()}
    ours = {sheet.headings[column].casefold() for column in places if column in sheet.headings}
    return {c for c, heading in sheet.headings.items() if c not in places and heading.casefold() in ours}


def beside_columns(sheet: SheetRead) -> dict[str, int]:
    """Find people's own columns by the name of the piece that stands there."""
    return {own_piece(heading): column for heading, column in own_columns(sheet).items()}


def read_own(book: Book, keys: Mapping[Place, str], strangers: Container[Place] = ()) -> OwnCells:
    """Read what people entered beside our columns; a formula says nothing of its own (``FORMULA``).

    Args:
        book: read with every column.
        keys: the record of each row.
        strangers: rows that are named as a whole.
    """
    formulas = formula_cells(book.path, {sheet.title for sheet in book.sheets})
    beside: Beside = defaultdict(dict)
    loose: Loose = defaultdict(list)
    headings: dict[str, str] = {}
    for sheet in book.sheets:
        columns = own_columns(sheet)
        headings = {own_piece(heading): heading for heading in columns} | headings
        pieces = {column: own_piece(heading) for heading, column in columns.items()}
        for number, column, value in _cells(sheet, keys, strangers):
            key = keys.get(Place(sheet.title, number), "")
            said = FORMULA if (sheet.title, number, column) in formulas else _tidy(value)
            if key and column in pieces:
                beside[key][pieces[column]] = said
            elif not (isinstance(said, str) and not said.strip()):
                loose[sheet.title].append(_loose(sheet, number, column, key, said))
    return OwnCells(dict(beside), headings, dict(loose))


def _cells(
    sheet: SheetRead, keys: Mapping[Place, str], strangers: Container[Place]
) -> Iterator[tuple[int, int, CellValue]]:
    """Walk what stands beside the columns of ours; in a row without a record, all that stands there."""
    ours = {*sheet.columns.values()}
    first_other = next(column for column in range(len(ours) + 1) if column not in ours)
    for row in sheet.rows:
        place = Place(sheet.title, row.number)
        is_known = place in keys
        if not is_known and place in strangers:
            continue
        for column in range(first_other if is_known else 0, len(row.values)):
            if row.values[column] is not None and not (is_known and column in ours):
                yield row.number, column, row.values[column]


def _loose(sheet: SheetRead, row: int, column: int, key: str, said: CellValue) -> LooseCell:
    letters = column_letters(column)
    if not key:
        return LooseCell(f"of {sheet.title} in rows without a document", "", said, f"{letters}{row}")
    if column in sheet.headings:
        return LooseCell(f'in {sheet.title}!{letters}, a second column "{sheet.headings[column]}"', key, said)
    return LooseCell(f"in {sheet.title}!{letters}, a column without a heading", key, said)


def _tidy(value: CellValue) -> CellValue:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    return FORMULA if isinstance(value, Uncalculated) else value


def writable(value: CellValue) -> Value:
    """Bring a value that was read to one that can be written."""
    if isinstance(value, (bool, CellError, Uncalculated)):
        return as_text(value)
    if isinstance(value, (int, float)):
        return Decimal(repr(int(value) if value == int(value) else value))
    if isinstance(value, (datetime, time, timedelta)):
        return _moment(value)
    return value


def _moment(value: datetime | time | timedelta) -> Value:
    """Give a date as such, and what has hours as the number a spreadsheet keeps for it."""
    if isinstance(value, datetime):
        if value.time() == time():
            return value.date()
        value = value.replace(tzinfo=None) - _EPOCH
    if isinstance(value, time):
        value = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    return Decimal(repr(value / timedelta(days=1)))


def kept(value: CellValue) -> Scalar:
    """Bring a value to one that can be noted: a text, a number, or nothing."""
    if value is None or (isinstance(value, (str, float)) and not isinstance(value, bool)):
        return value
    written = writable(value)
    if isinstance(written, Decimal):
        return float(written)
    return as_text(written) if isinstance(written, date) else written
