"""Rows behind the last one: written in the style of those above, and reached by what covers these.

Blank rows that stand where the new ones come give way; filters, conditional formats, validations, tables and
names that reach to the last document reach to the last new one.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from ims_excel.workbook.cells import column_index, column_letters
from ims_excel.workbook.celltext import plain
from ims_excel.workbook.elements import number_of
from ims_excel.workbook.escaping import element_text
from ims_excel.workbook.markup import Splice, attribute_splice, attributes_in, value_of
from ims_excel.workbook.overwriting import Box
from ims_excel.workbook.stamp import ColumnStamp, rows_xml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ims_excel.workbook.elements import ElementScan
    from ims_excel.workbook.markup import Node
    from ims_excel.workbook.values import Values

MODEL_ROWS = 25
"""Rows from which the usual style of each column is taken; one row alone may be coloured by hand."""
OUR_NAMES = ("_xlnm._FilterDatabase", "_xlnm.Print_Area", "ims_")
"""Beginnings of the names that follow the documents."""

_CELL = re.compile(rb"""<(?:[\w.-]+:)?c(?=\s)([^>]*)>""")
_ROW_END = re.compile(rb"</(?:[\w.-]+:)?row\s*>")
_TAG_OPEN = re.compile(rb"<(/?)")
RANGED = {
    "autoFilter": "ref", "ignoredError": "sqref", "protectedRange": "sqref", "conditionalFormatting": "sqref",
    "dataValidation": "sqref",
}  # fmt: skip
"""Elements around a sheet's rows that cover the documents, and the attribute that says so."""
_NAMED_RANGE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!,]+))!(\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)")


@dataclass(frozen=True)
class NewRows:
    """Rows to be put behind the last one of a sheet.

    Attributes:
        columns: their values by 0-based column of the sheet; an empty list where all are blank.
        count: how many.
        first_data_row: 1-based, the first below the headings.
        last_data_row: the last document so far; the first data row where there is none.
    """

    columns: Sequence[Values]
    count: int
    first_data_row: int
    last_data_row: int


@dataclass(frozen=True)
class Appended:
    """New rows and where they come.

    Attributes:
        rows: what they say.
        first: the number of the first.
        start: offset in the part behind the last row that says something.
        end: offset of the first row that stays behind them; blank rows in between give way.
        text: the rows as XML.
    """

    rows: NewRows
    first: int
    start: int
    end: int
    text: bytes = field(repr=False)
    date1904: bool = False

    @property
    def last(self) -> int:
        """The number of the last new row."""
        return self.first + self.rows.count - 1

    @property
    def corner(self) -> tuple[int, int]:
        """The last new cell: 1-based row, 0-based column."""
        return self.last, len(self.rows.columns) - 1

    @property
    def splice(self) -> Splice:
        """The change in the part."""
        return Splice(self.start, self.end, self.text)

    @property
    def reach(self) -> Reach:
        """What becomes of ranges over the documents."""
        return Reach(self.rows.last_data_row, self.last)


class Reach(NamedTuple):
    """Ranges that hold row ``old`` reach to row ``new``."""

    old: int
    new: int

    def stretched(self, references: str) -> str:
        """Stretch those of several ranges, parted by blanks, that hold the old last row."""
        return " ".join(map(self._one, references.split()))

    def _one(self, reference: str) -> str:
        box = Box.of(reference)
        if not box.top <= self.old <= box.bottom < self.new:
            return reference
        first, _, last = reference.partition(":")
        return f"{first}:{re.sub('[0-9]+$', str(self.new), last or first)}"


class EndOfRows:
    """Learns where new rows come in a sheet's part, while somebody goes through it.

    That is behind the last row that says something; and they look like the first rows below the headings.
    """

    def __init__(self, scan: ElementScan, rows: NewRows) -> None:
        self._scan, self._rows = scan, rows
        self._said = tuple(b"<" + scan.prefix + name for name in (b"v", b"f", b"is"))
        self._models = _Models()
        self._last, self._start = 0, scan.end
        self._blank: list[tuple[int, int]] = []

    def note_stretch(self, stretch: bytes, before: int) -> None:
        """Take in the rows of a stretch, masked, given the number of the last row in front of them."""
        number, first = before, self._rows.first_data_row
        spoken = -1
        for name in self._said:
            spoken = max(spoken, stretch.rfind(name, max(spoken, 0)))
        is_model = before < first + MODEL_ROWS
        for tag in self._scan.items(stretch, 0 if is_model else self._scan.start_of(stretch, spoken)):
            number = number_of(tag, number)
            if tag.start() < spoken:
                self._last = number
                self._blank.clear()
            else:
                self._blank.append((number, self._scan.offset(tag)))
            if first <= number < first + MODEL_ROWS:
                self._models.take(self._scan.text(tag)[1])
        ending = _ROW_END.search(stretch, spoken) if spoken >= 0 else None
        if ending:
            self._start = self._scan.offset(ending) + len(ending[0])

    def append(self, *, date1904: bool) -> Appended:
        """Write the new rows; to be asked once the whole part was gone through."""
        rows = self._rows
        first = max(self._last + 1, rows.first_data_row)
        stays = first + rows.count
        end = next((offset for row, offset in self._blank if row >= stays), self._scan.end)
        text = _rows_xml(rows, first, self._models.styles(), self._scan.prefix, date1904=date1904)
        return Appended(rows, first, self._start, end, text, date1904)


class _Models:
    """Rows that new ones shall look like."""

    def __init__(self) -> None:
        self._votes: defaultdict[int, Counter[int]] = defaultdict(Counter)
        self._rows = 0

    def take(self, row: bytes) -> None:
        """Note the styles of a row's cells."""
        self._rows += 1
        for tag in _CELL.finditer(row):
            attributes = attributes_in(b"<c" + tag[1])
            if b"r" in attributes:
                column = column_index(value_of(attributes[b"r"]).rstrip("0123456789"))
                self._votes[column][int(value_of(attributes[b"s"])) if b"s" in attributes else 0] += 1

    def styles(self) -> dict[int, int]:
        """Give the usual style of the columns in which most rows have a cell."""
        return {
            column: counted.most_common(1)[0][0]
            for column, counted in self._votes.items()
            if 2 * counted.total() > self._rows
        }


def _rows_xml(
    rows: NewRows, first: int, styles: Mapping[int, int], prefix: bytes, *, date1904: bool
) -> bytes:
    """Write rows as build does: cells that say nothing only where the rows above have them."""
    width = max(len(rows.columns), *(column + 1 for column in styles), 0)
    columns, batch = [], []
    for index in range(width):
        values = rows.columns[index] if index < len(rows.columns) else []
        if date1904:
            values = [plain(v, date1904=True) if isinstance(v, date) else v for v in values]
        style = styles.get(index)
        columns.append(ColumnStamp(column_letters(index), f' s="{style}"' if style else "", style is None))
        batch.append(values)
    text = rows_xml(range(first, first + rows.count), columns, batch)
    return _TAG_OPEN.sub(rb"<\1" + prefix, text) if prefix else text


def stretch_frame(root: Node, skeleton: bytes, reach: Reach) -> list[Splice]:
    """Stretch what stands around a sheet's rows and covers the documents."""
    splices: list[Splice] = []
    for node in root.walk():
        name = RANGED.get(node.name)
        if name and name in node.attributes:
            old = node.attributes[name]
            new = reach.stretched(old)
            splices += attribute_splice(skeleton, node, name, new) if new != old else []
    return splices


def stretch_table(data: bytes, root: Node, reach: Reach) -> list[Splice]:
    """Stretch a table that ends with the last document and has no row of totals, and its filter."""
    if root.attributes.get("totalsRowCount", "0") != "0":
        return []
    splices = []
    for node in (root, *root.named("autoFilter")):
        old = node.attributes.get("ref", "")
        new = reach.stretched(old)
        splices += attribute_splice(data, node, "ref", new) if new != old else []
    return splices


def stretch_names(workbook: Node, reaches: dict[str, Reach]) -> Iterator[Splice]:
    """Let our names follow the documents."""
    for node in workbook.named("definedNames", "definedName"):
        text = stretched_name(node.attributes.get("name", ""), node.text, reaches)
        if text != node.text:
            yield Splice(node.inner, node.inner_end, element_text(text).encode())


def stretched_name(name: str, reference: str, reaches: dict[str, Reach]) -> str:
    """Say what a name refers to when the sheets have their new rows."""
    found = _NAMED_RANGE.fullmatch(reference)
    if found is None or not name.startswith(OUR_NAMES):
        return reference
    reach = reaches.get((found[1] or found[2]).replace("''", "'"))
    return reference[: found.start(3)] + reach.stretched(found[3]) if reach else reference
