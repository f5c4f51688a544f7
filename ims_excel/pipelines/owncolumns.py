"""Columns of people's own beside ours: found by their headings, read by record, merged like decisions."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ims_excel.findings import Place
from ims_excel.pipelines.answers import OWN
from ims_excel.workbook.cells import CellError, Uncalculated, column_letters
from ims_excel.workbook.people import formula_cells
from ims_excel.workbook.shown import as_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ims_excel.team import Scalar
    from ims_excel.workbook.cells import CellValue
    from ims_excel.workbook.celltext import Value
    from ims_excel.workbook.read import Book, RowRead, SheetRead

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  a spreadsheet's clock has no zone

TOOL = "tool:"
"""What the name of a piece begins with that stands in one of our columns; its machine name follows."""
TOOL_COLUMNS = ("portal_errors", "portal_fields", "changed")
"""Our columns that say something of a copy's own, and that nobody decides in."""

Beside = dict[str, dict[str, "CellValue"]]
"""By record key and piece, what stands beside the answers; blank cells are left out."""

Headless = dict[str, set[tuple[str, "CellValue"]]]
"""By sheet and column without a heading ("B2B!AZ"), record key and value of what stands there."""

FORMULA = Uncalculated("(formula)")
"""What a cell with a formula says: its result follows from other cells, so nobody entered it."""


def own_columns(sheet: SheetRead) -> dict[str, int]:
    """Find people's own columns by heading; of several with one heading, the later ones get a number."""
    ours = {
        sheet.headings[column].casefold() for column in sheet.columns.values() if column in sheet.headings
    }
    taken = set(sheet.columns.values())
    found: dict[str, int] = {}
    seen: Counter[str] = Counter()
    for column, heading in sorted(sheet.headings.items()):
        folded = " ".join(heading.split())
        if column not in taken and heading.casefold() not in ours:
            seen[folded.casefold()] += 1
            count = seen[folded.casefold()]
            found[folded if count == 1 else f"{folded} ({count})"] = column
    return found


def beside_columns(sheet: SheetRead) -> dict[str, int]:
    """Find by name of the piece the columns beside the answers: people's own, and some of ours."""
    own = {f"{OWN}{name}": column for name, column in own_columns(sheet).items()}
    tool = {f"{TOOL}{name}": sheet.columns[name] for name in TOOL_COLUMNS if name in sheet.columns}
    return own | tool


def read_beside(book: Book, keys: Mapping[Place, str]) -> tuple[Beside, Headless]:
    """Read the columns beside the answers by record; a formula says nothing of its own (``FORMULA``).

    Args:
        book: read with every column.
        keys: the record of each row.

    Returns:
        What stands there, and what stands in columns without a heading.
    """
    columns = {sheet.title: beside_columns(sheet) for sheet in book.sheets}
    formulas = formula_cells(book.path, {title: set(own.values()) for title, own in columns.items()})
    beside: Beside = defaultdict(dict)
    headless: Headless = defaultdict(set)
    for sheet in book.sheets:
        known = {*sheet.columns.values(), *sheet.headings}
        first_unknown = next(column for column in range(len(known) + 1) if column not in known)
        for key, row in _rows(sheet, keys):
            for column in range(first_unknown, len(row.values)):
                if row.values[column] is not None and column not in known:
                    place = f"{sheet.title}!{column_letters(column)}"
                    headless[place].add((key, row.values[column]))
            for name, column in columns[sheet.title].items():
                value = row.values[column] if column < len(row.values) else None
                if (sheet.title, row.number, column) in formulas:
                    beside[key][name] = FORMULA
                elif value is not None:
                    beside[key][name] = _tidy(value)
    return dict(beside), dict(headless)


def _rows(sheet: SheetRead, keys: Mapping[Place, str]) -> Iterator[tuple[str, RowRead]]:
    for row in sheet.rows:
        key = keys.get(Place(sheet.title, row.number))
        if key is not None:
            yield key, row


def _tidy(value: CellValue) -> CellValue:
    return FORMULA if isinstance(value, Uncalculated) else value


def writable(value: CellValue) -> Value:
    """Bring a value that was read to one that can be written."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return Decimal(repr(value))
    if isinstance(value, (datetime, time, timedelta)):
        return _moment(value)
    if isinstance(value, (CellError, Uncalculated)):
        return as_text(value.text if isinstance(value, CellError) else value.formula)
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
