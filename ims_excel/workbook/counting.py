"""The documents of the section sheets as a patch will leave them, counted and added up by criteria."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from math import fsum, isfinite
from typing import TYPE_CHECKING, NamedTuple

from ims_excel.workbook.cells import Uncalculated
from ims_excel.workbook.overwriting import Box
from ims_excel.workbook.package import local_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from ims_excel.workbook.cells import CellValue
    from ims_excel.workbook.celltext import Value
    from ims_excel.workbook.package import Package
    from ims_excel.workbook.patches import BookPatch, SheetPatch
    from ims_excel.workbook.read import Book, SheetRead

    Said = CellValue | Value

ANY_TEXT, OTHER_THAN = "?*", "<>"
"""Criteria: any text but the empty one; and, in front of a word, all but that word."""
_PATTERN = re.compile("[*?~<>=]")
_NAMED = re.compile(r"(?:'((?:[^']|'')+)'|([^'!,]+))!(\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)")


class UnknownError(Exception):
    """What a formula comes to cannot be told here."""


class Area(NamedTuple):
    """A column of the documents on a sheet: the sheet's title and the cells."""

    title: str
    box: Box


Criteria = tuple[tuple[Area, str], ...]
"""What documents must say in which columns."""


def named_areas(package: Package) -> dict[str, Area]:
    """Find the columns that have a name in the whole workbook."""
    areas = {}
    for node in package.tree(package.workbook_part).iter():
        if local_name(node.tag) == "definedName" and node.get("localSheetId") is None:
            found = _NAMED.fullmatch(node.text or "")
            box = Box.of(found[3]) if found else None
            if found and box and box.left == box.right:
                areas[node.get("name", "")] = Area((found[1] or found[2]).replace("''", "'"), box)
    return areas


def as_stored(number: float) -> Decimal:
    """Give a number the fifteen digits that spreadsheet programs go by; UnknownError for one without end."""
    if not isfinite(number):
        raise UnknownError
    return Decimal(f"{number:.15g}")


class Documents:
    """What some columns say, row by row, and which rows meet which criteria; each is looked for once."""

    def __init__(self, book: Book, patch: BookPatch, areas: Collection[Area]) -> None:
        self._columns: dict[Area, list[Said]] = {}
        self._amounts: dict[Area, list[float]] = {}
        self._rows: dict[Criteria, list[int]] = {}
        for sheet in book.sheets:
            wanted = [area for area in areas if area.title == sheet.title]
            if wanted:
                patches = [found for found in patch.sheets if found.title == sheet.title]
                self._columns |= _read_columns(sheet, patches, wanted)

    def count(self, criteria: Criteria) -> int:
        """Count the documents that meet all criteria.

        Raises:
            UnknownError: when that depends on what only a spreadsheet program knows.
        """
        return len(self._meeting(criteria))

    def sum(self, area: Area, criteria: Criteria) -> Decimal:
        """Add up a column over the documents that meet all criteria, as a program does: texts do not count.

        Raises:
            UnknownError: as ``count`` does, and when there is something else than a number to add.
        """
        rows = self._meeting(criteria)
        if len(self._column(area)) != len(self._column(criteria[0][0])):
            raise UnknownError
        try:
            return as_stored(fsum(map(self._numbers(area).__getitem__, rows)))
        except (OverflowError, ValueError):
            raise UnknownError from None

    def _numbers(self, area: Area) -> list[float]:
        if area not in self._amounts:
            self._amounts[area] = [_number(said) for said in self._column(area)]
        return self._amounts[area]

    def _column(self, area: Area) -> list[Said]:
        if area not in self._columns:
            raise UnknownError
        return self._columns[area]

    def _meeting(self, criteria: Criteria) -> list[int]:
        """Number the rows that meet all criteria, from 0."""
        if criteria not in self._rows:
            *others, (area, text) = criteria
            column, meets = self._column(area), _test(text)
            rows: Iterable[int] = self._meeting(tuple(others)) if others else range(len(column))
            if others and len(column) != len(self._column(others[0][0])):
                raise UnknownError
            verdicts = {said: meets(said) for said in {*column}}
            self._rows[criteria] = [row for row in rows if verdicts[column[row]]]
        return self._rows[criteria]


def _read_columns(
    sheet: SheetRead, patches: Sequence[SheetPatch], areas: Iterable[Area]
) -> dict[Area, list[Said]]:
    """Go once through a sheet for some of its columns, as they will be."""
    typed: defaultdict[int, dict[int, Value]] = defaultdict(dict)
    for patch in patches:
        for (row, column), value in patch.cells.items():
            typed[column][row] = value
    found: dict[Area, list[Said]] = {area: [] for area in areas}
    columns = [(area.box, typed[area.box.left], values) for area, values in found.items()]
    for batch in sheet.batches():
        numbers = {*batch.numbers}
        for box, new, values in columns:
            said: Sequence[Said] = batch.column(box.left)
            if not new.keys().isdisjoint(numbers):
                said = list(map(new.get, batch.numbers, said))
            if not (box.top <= min(numbers) and max(numbers) <= box.bottom):
                said = [
                    value
                    for number, value in zip(batch.numbers, said, strict=True)
                    if box.top <= number <= box.bottom
                ]
            values.extend(said)
    for added in [patch.rows for patch in patches if patch.rows]:
        for box, _, values in columns:
            if box.top <= added.last_data_row <= box.bottom:
                values.extend(added.columns[box.left] or [None] * added.count)
    return found


def _number(said: Said) -> float:
    if said.__class__ is float:
        return said
    if said is None or isinstance(said, (str, bool)):
        return 0.0
    if isinstance(said, (int, float, Decimal)):
        return float(said)
    raise UnknownError


def _test(text: str) -> Callable[[Said], bool]:
    """Make the test of a criterion; texts are the same in any case."""
    word = text.removeprefix(OTHER_THAN).casefold()
    if text == ANY_TEXT:
        return lambda said: isinstance(said, str) and said != ""
    if not word or _PATTERN.search(word):
        raise UnknownError
    is_other = text.startswith(OTHER_THAN)

    def meets(said: Said) -> bool:
        if isinstance(said, Uncalculated):
            raise UnknownError
        return (isinstance(said, str) and said.casefold() == word) is not is_other

    return meets
